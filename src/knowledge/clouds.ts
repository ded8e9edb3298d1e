import { factsOf } from './facts.ts';
import type { Arch } from './harvester.ts';

/** The metadata service of a cloud; with TCP ports if other ports of the same IP address have other uses. */
interface MetadataService {
  readonly address: string;
  readonly ports?: readonly number[];
  readonly who: string;
}

const facts = () =>
  factsOf<{
    readonly ociRegions: Readonly<Record<string, string>>;
    readonly ociShapes: readonly { readonly pattern: string; readonly type: ShapeType }[];
    readonly metadataServices: readonly MetadataService[];
  }>('clouds');

/**
 * Returns the region for its name, its key, or its name without the number, as in older availability domains. Returns
 * undefined for other words, which may still be regions.
 */
export function ociRegion(word: string): string | undefined {
  const plain = word.toLowerCase();
  const regions = facts().ociRegions;
  const named = Object.hasOwn(regions, plain) ? regions[plain] : undefined;
  if (named !== undefined) return named;
  // Some regions are newer than the table.
  if (/^[a-z]{2,}(-[a-z]+)+-[0-9]+$/.test(plain)) return plain;
  return Object.values(regions).find((name) => name === `${plain}-1`);
}

/** Returns the region of an OCID: its fourth word. */
export function regionOfOcid(ocid: string): string | undefined {
  return ociRegion(ocid.split('.')[3] ?? '');
}

/** Returns the region of an availability domain, such as Uocm:PHX-AD-1. */
export function regionOfDomain(domain: string): string | undefined {
  const [, word = ''] = /:(.*)-AD-[0-9]+$/i.exec(domain) ?? [];
  return ociRegion(word);
}

/** The type of a shape of Oracle Cloud Infrastructure for Harvester. */
export type ShapeType = 'virtual' | 'diskless' | 'nvme';

/** Returns the type of a shape; undefined for an unknown shape. */
export function shapeType(shape: string): ShapeType | undefined {
  return facts().ociShapes.find(({ pattern }) => new RegExp(pattern).test(shape))?.type;
}

/**
 * Returns the architecture of a shape: Ampere (Standard.A1, A2, A4) and Grace (GPU.GB200, GB300) are arm64. Source: the same
 * page, the processors of each series.
 */
export function shapeArch(shape: string): Arch {
  return /^(BM|VM)\.(Standard\.A[0-9]+\.|GPU\.GB[0-9]+)/.test(shape) ? 'arm64' : 'amd64';
}

/** Returns the IP addresses or subnets of metadata services: they would disclose the secrets of the host to a virtual machine on it. */
export function metadataServices(): readonly MetadataService[] {
  return facts().metadataServices;
}
