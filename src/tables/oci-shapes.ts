import type { Arch } from './harvester-media.ts';

/**
 * What shapes of Oracle Cloud Infrastructure are, by their names. Source: OCI's documentation, Compute Shapes. A shape that no
 * pattern knows is taken for one with disks of its own.
 */
const SHAPES: readonly { readonly pattern: RegExp; readonly kind: 'virtual' | 'diskless' }[] = [
  { pattern: /^VM\./, kind: 'virtual' },
  // Of bare metal, the standard ones have a boot volume by iSCSI and nothing else.
  { pattern: /^BM\.Standard/, kind: 'diskless' },
];

/** Says of a shape that it is a virtual machine, or has no disk of its own; undefined where neither is known of it. */
export function shapeKind(shape: string): 'virtual' | 'diskless' | undefined {
  return SHAPES.find(({ pattern }) => pattern.test(shape))?.kind;
}

/** Gives the architecture of a shape: those of Ampere (Standard.A1, A2, A4) and Grace (GPU.GB200) are arm64. */
export function shapeArch(shape: string): Arch {
  return /^(BM|VM)\.(Standard\.A[0-9]+\.|GPU\.GB[0-9]+)/.test(shape) ? 'arm64' : 'amd64';
}
