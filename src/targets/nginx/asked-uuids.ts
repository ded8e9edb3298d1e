import type { Site } from '../../site/model.ts';
import { nodeKey } from '../../tree/paths.ts';

/** The 96 bits with which nginx's `geo` takes an IPv6 address for the IPv4 address behind them: IN6_IS_ADDR_V4MAPPED. */
const MAPPED = '0000:0000:0000:0000:0000:ffff:';

/**
 * Gives every node that has a UUID by that as an IPv6 address: `4c4c:4544:0042:3510:8057:b7c0:4f4d:3332`. nginx's `geo` finds
 * any number of these as fast, whatever their case. Source: nginx, src/http/modules/ngx_http_geo_module.c.
 */
export function askedUuids(
  site: Site,
): { readonly address: string; readonly key: string; readonly name: string }[] {
  return site.nodes.flatMap((node) => {
    if (!node.uuid) return [];
    const groups = node.uuid.replaceAll('-', '').match(/.{4}/g) ?? [];
    return [{ address: asLookedUp(groups.join(':')), key: nodeKey(node), name: node.name }];
  });
}

/** Gives an address as nginx looks it up: that of a UUID may begin like one that stands for an IPv4 address. */
function asLookedUp(address: string): string {
  if (!address.startsWith(MAPPED)) return address;
  const bytes = address.slice(MAPPED.length).replace(':', '').match(/../g) ?? [];
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}
