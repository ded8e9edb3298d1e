import type { Arch } from './harvester-media.ts';

/** What a shape of Oracle Cloud Infrastructure is to Harvester. */
export type ShapeKind = 'virtual' | 'diskless' | 'nvme';

/**
 * What shapes are, by their names. Source: OCI's documentation, Compute Shapes (references/computeshapes), the tables of bare-metal
 * shapes, column Local Disk; those of older series (DenseIO2, HPC2, GPU.B4) in the page's earlier versions. The first that fits counts.
 */
const SHAPES: readonly { readonly pattern: RegExp; readonly kind: ShapeKind }[] = [
  { pattern: /^VM\./, kind: 'virtual' },
  { pattern: /^BM\.(DenseIO|HPC|Optimized)/, kind: 'nvme' },
  // The newest of the standard ones have a disk or two; all before have a boot volume by iSCSI and nothing else.
  { pattern: /^BM\.Standard\.(E6|A4)\./, kind: 'nvme' },
  { pattern: /^BM\.Standard([23]?\.[0-9]+|\.(B1|E[2-5]|A1)\.[0-9]+)$/, kind: 'diskless' },
  { pattern: /^BM\.GPU[23]\./, kind: 'diskless' },
  { pattern: /^BM\.GPU4\./, kind: 'nvme' },
  {
    pattern: /^BM\.GPU\.(A10|A100-v2|B4|L40S|H100|H200|B200|GB200|GB300|MI300X|MI355X)\./,
    kind: 'nvme',
  },
];

/** Says what a shape is; undefined where nothing is known of it. */
export function shapeKind(shape: string): ShapeKind | undefined {
  return SHAPES.find(({ pattern }) => pattern.test(shape))?.kind;
}

/**
 * Gives the architecture of a shape: those of Ampere (Standard.A1, A2, A4) and Grace (GPU.GB200, GB300) are arm64. Source: the same
 * page, the processors of each series.
 */
export function shapeArch(shape: string): Arch {
  return /^(BM|VM)\.(Standard\.A[0-9]+\.|GPU\.GB[0-9]+)/.test(shape) ? 'arm64' : 'amd64';
}
