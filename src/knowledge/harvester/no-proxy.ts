import { ipv4Number } from '../../values/ipv4.ts';

/** Addresses from `first` to `last` as numbers, both included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * What Harvester adds to every noProxy, as far as harvgen asks for it: names inside the cluster, and one private
 * subnet. Source: `builtInNoProxy` in pkg/util/proxy.go of harvester/harvester, every release from v1.1.0 on.
 */
export const BUILT_IN_NO_PROXY = ['localhost', '127.0.0.1', '10.0.0.0/8', '.svc', '.cluster.local'];

/** Gives the entries of a noProxy. */
export function noProxyEntries(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Says whether one entry of a noProxy covers a whole range of addresses. */
export function isProxyFree(entries: readonly string[], { first, last }: Range): boolean {
  return entries.some((entry) => {
    const range = rangeOf(entry);
    return range !== undefined && range.first <= first && range.last >= last;
  });
}

/** Says whether an entry of a noProxy covers an address. */
export function isAddressProxyFree(entries: readonly string[], address: string): boolean {
  const number = ipv4Number(address);
  return number !== undefined && isProxyFree(entries, { first: number, last: number });
}

/** Reads an entry as Go's net.ParseCIDR does: bits of the host part may be set, and any prefix is one. */
function rangeOf(entry: string): Range | undefined {
  const [, address = '', prefix = '32'] = /^([0-9.]+)(?:\/(\d{1,2}))?$/.exec(entry) ?? [];
  const number = ipv4Number(address);
  if (number === undefined || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}
