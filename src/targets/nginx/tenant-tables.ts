import type { Node, Site, Tenant } from '../../site/model.ts';
import { nodeKey } from '../../tree/paths.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../../values/ipv4.ts';
import { hyphenMac } from '../../values/mac.ts';
import { macAddress } from './asked-macs.ts';

/** Who may fetch the files of the nodes of tenants, and which nodes these are, as nginx' `geo` reads both. */
export interface TenantTables {
  /** Addresses and subnets, each with the names of the tenants that allow it, joined by commas. */
  readonly callers: readonly { readonly range: string; readonly names: string }[];
  /** What files are named by, as an address, with the tenant of the node. */
  readonly owners: readonly { readonly address: string; readonly tenant: string; readonly name: string }[];
}

/** Gives the tables of a site; undefined where no tenant allows anybody anything. */
export function tenantTables({ tenants, nodes }: Site): TenantTables | undefined {
  const callers = callersOf(tenants);
  if (callers.length === 0) return undefined;
  const allowing = new Set(tenants.filter(({ allow }) => allow.length > 0));
  const owners = nodes.flatMap((node) =>
    node.tenant && allowing.has(node.tenant)
      ? addressesOf(node).map((address) => ({
          address,
          tenant: (node.tenant as Tenant).name,
          name: node.name,
        }))
      : [],
  );
  return { callers, owners };
}

/** What the files of a node are named by: its key, and for GRUB the other MACs that it may ask with. */
function addressesOf(node: Node): string[] {
  const { bootNic, bond, loader } = node;
  if (!bootNic.mac) return [nodeKey(node)];
  const macs = (loader === 'grub' ? bond : [bootNic]).flatMap(({ mac }) => mac ?? []);
  return macs.map((mac) => macAddress(hyphenMac(mac)));
}

/**
 * Of ranges that hold an address `geo` knows the smallest alone: so each has the tenants of those that it lies in, too.
 * Subnets lie in each other, or apart.
 */
function callersOf(tenants: readonly Tenant[]): TenantTables['callers'] {
  const byRange = new Map<string, { range: Ipv4Range; names: Set<string> }>();
  for (const { name, allow } of tenants) {
    for (const text of allow) {
      const range = parseAddressOrCidr(text) as Ipv4Range;
      const known = byRange.get(text);
      if (known) known.names.add(name);
      else byRange.set(text, { range, names: new Set([name]) });
    }
  }
  const entries = [...byRange.values()].sort(
    (a, b) => a.range.first - b.range.first || b.range.last - a.range.last,
  );
  const around: typeof entries = [];
  return entries.map((entry) => {
    while ((around.at(-1)?.range.last ?? Infinity) < entry.range.first) around.pop();
    for (const name of around.at(-1)?.names ?? []) entry.names.add(name);
    around.push(entry);
    return { range: entry.range.text, names: [...entry.names].sort().join(',') };
  });
}
