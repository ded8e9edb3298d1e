import type { ProviderName } from './cloud-providers.ts';
import { factsOf } from './facts.ts';

/** A size of a cloud VM with nested virtualization: its CPU threads, and its memory in GiB. */
export interface CloudSize {
  readonly name: string;
  readonly threads: number;
  readonly gib: number;
  readonly series: string;
}

/** The sizes of a provider. */
interface Sizes {
  /** The form of their names. */
  readonly form: RegExp;
  /** All sizes of each series in it. */
  readonly table: readonly CloudSize[];
  /** The series among which `auto` chooses: of equal sizes, the first. */
  readonly auto: readonly string[];
  /** The regions that lacked a series on the date of the regions, where that is known. */
  readonly lacking: Readonly<Record<string, readonly string[]>>;
}

type Stated = Omit<Sizes, 'form' | 'table'> & {
  readonly form: string;
  readonly series: Readonly<
    Record<string, Readonly<Record<string, readonly [threads: number, gib: number]>>>
  >;
};

const facts = () =>
  factsOf<{
    readonly dateOfRegions: string;
    readonly sizes: Readonly<Record<ProviderName, Stated>>;
    readonly nests: Readonly<
      Record<ProviderName, readonly (readonly [pattern: string, nests: boolean | null])[]>
    >;
  }>('cloud-sizes');

/** Returns when the regions without a series were compared: a month and a year. */
export function dateOfRegions(): string {
  return facts().dateOfRegions;
}

const known = new Map<ProviderName, Sizes>();

/** Returns the sizes of a provider with nested virtualization. Computed once. */
export function sizesOf(provider: ProviderName): Sizes {
  const made = known.get(provider);
  if (made) return made;
  const { form, series, auto, lacking } = facts().sizes[provider];
  const table = Object.entries(series).flatMap(([name, sizes]) =>
    Object.entries(sizes).map(([size, [threads, gib]]) => ({ name: size, threads, gib, series: name })),
  );
  const sizes = { form: new RegExp(form), table, auto, lacking };
  known.set(provider, sizes);
  return sizes;
}

/** Returns the series of a size, known or not. */
export function seriesOf(provider: ProviderName, size: string): string {
  if (provider === 'aws') return size.replace(/\..*/, '');
  if (provider === 'azure') return size.replace(/^(Standard_[A-Z]+)\d+/, '$1*');
  return provider === 'google' ? size.replace(/-\d+(?=-|$)/, '') : size.replace(/-\d+(vcpu-\d+gb)?/, '');
}

/** Returns the size of a name, if the table contains it. */
export function knownSize(provider: ProviderName, name: string): CloudSize | undefined {
  return sizesOf(provider).table.find((size) => size.name === name);
}

/** Whether a size has nested virtualization; undefined if that is unknown. */
export function nests(provider: ProviderName, name: string): boolean | undefined {
  if (knownSize(provider, name)) return true;
  return facts().nests[provider].find(([pattern]) => new RegExp(pattern).test(name))?.[1] ?? undefined;
}

/** Whether a region is known to lack a series. */
export function lacksSeries(provider: ProviderName, region: string, series: string): boolean {
  return sizesOf(provider).lacking[series]?.includes(region) ?? false;
}

/** Returns the sizes among which `auto` chooses, the smallest first: those that the region has, or all if it lacks them all. */
export function autoSizes(provider: ProviderName, region: string): readonly CloudSize[] {
  const { auto, table } = sizesOf(provider);
  const here = auto.filter((series) => !lacksSeries(provider, region, series));
  const allowed = here.length > 0 ? here : auto;
  const rank = ({ series }: CloudSize) => allowed.indexOf(series);
  return table
    .filter((size) => rank(size) >= 0)
    .sort((a, b) => a.gib - b.gib || a.threads - b.threads || rank(a) - rank(b));
}

/** The memory in GiB that a host needs beside its machines, with `auto`: for itself, and because a guest has less than its nominal size. */
const SPARE_GIB = 4;

/** Returns the smallest size that has these threads, and this memory beside that of the host itself. */
export function smallestSize(
  provider: ProviderName,
  region: string,
  { threads, gib }: Pick<CloudSize, 'threads' | 'gib'>,
): CloudSize | undefined {
  return autoSizes(provider, region).find((size) => size.threads >= threads && size.gib >= gib + SPARE_GIB);
}
