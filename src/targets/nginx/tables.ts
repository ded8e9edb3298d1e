import type { Node, Site, Tenant } from '../../site/model.ts';
import { nodeKey } from '../../tree/paths.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../../values/addresses.ts';
import { hyphenMac } from '../../values/identifiers.ts';

/**
 * What a MAC is read behind, as the end of an IPv6 address. The group of its own keeps it from being taken for an IPv4
 * address, which nginx would do to `::ffff:…`: src/http/modules/ngx_http_geo_module.c.
 */
export const MAC_PREFIX = '::1:';

/** Gives every node by its MAC as an IPv6 address: `::1:5254:00aa:0101`. nginx's `geo` finds any number of these as fast. */
export function askedMacs({ nodes }: Pick<Site, 'nodes'>) {
  const known = nodes.filter(({ bootNic }) => bootNic.mac);
  return known.map((node) => asked(node, macAddress(nodeKey(node))));
}

/** A MAC with hyphens as an IPv6 address. */
function macAddress(mac: string): string {
  return MAC_PREFIX + mac.replace(/(..)-(..)-?/g, '$1$2:').slice(0, -1);
}

/** The 96 bits with which nginx's `geo` takes an IPv6 address for the IPv4 address behind them: IN6_IS_ADDR_V4MAPPED. */
const MAPPED = '0000:0000:0000:0000:0000:ffff:';

/**
 * Gives every node that has a UUID by that as an IPv6 address: `4c4c:4544:0042:3510:8057:b7c0:4f4d:3332`. nginx's `geo` finds
 * any number of these as fast, whatever their case. Source: nginx, src/http/modules/ngx_http_geo_module.c.
 */
export function askedUuids(site: Site) {
  return site.nodes.flatMap((node) => {
    if (!node.uuid) return [];
    const groups = node.uuid.replaceAll('-', '').match(/.{4}/g) ?? [];
    return asked(node, asLookedUp(groups.join(':')));
  });
}

/** An address as nginx looks it up: that of a UUID may begin like one that stands for an IPv4 address. */
function asLookedUp(address: string): string {
  if (!address.startsWith(MAPPED)) return address;
  const bytes = address.slice(MAPPED.length).replace(':', '').match(/../g) ?? [];
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}

function asked(node: Node, address: string) {
  return { address, key: nodeKey(node), name: node.name };
}

/**
 * Gives who may fetch the files of the nodes of tenants, and which nodes these are, as nginx' `geo` reads both: addresses and
 * subnets, each with the names of the tenants that allow it, and what files are named by, as an address, with the tenant of the
 * node. Undefined where no tenant allows anybody anything.
 */
export function tenantTables({ tenants, nodes }: Site) {
  const callers = callersOf(tenants);
  if (callers.length === 0) return undefined;
  const owners = nodes.flatMap((node) => {
    const { tenant, name } = node;
    if (!tenant || tenant.allow.length === 0) return [];
    return addressesOf(node).map((address) => ({ address, tenant: tenant.name, name }));
  });
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
function callersOf(tenants: readonly Tenant[]) {
  const byRange = new Map<string, { range: Ipv4Range; names: Set<string> }>();
  for (const { name, allow } of tenants) {
    for (const text of allow) {
      const known = byRange.get(text);
      if (known) known.names.add(name);
      else byRange.set(text, { range: parseAddressOrCidr(text) as Ipv4Range, names: new Set([name]) });
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
