import type { Site } from '../../site/model.ts';
import { nodeKey } from '../paths.ts';

/**
 * What a MAC is read behind, as the end of an IPv6 address. The group of its own keeps it from being taken for an IPv4
 * address, which nginx would do to `::ffff:…`: src/http/modules/ngx_http_geo_module.c.
 */
export const MAC_PREFIX = '::1:';

/** Gives every node by its MAC as an IPv6 address: `::1:5254:00aa:0101`. nginx's `geo` finds any number of these as fast. */
export function askedMacs(
  site: Pick<Site, 'nodes'>,
): { readonly address: string; readonly key: string; readonly name: string }[] {
  return site.nodes.flatMap((node) => {
    if (!node.bootNic.mac) return [];
    const key = nodeKey(node);
    return [{ address: macAddress(key), key, name: node.name }];
  });
}

/** Gives a MAC with hyphens as an IPv6 address. */
export function macAddress(mac: string): string {
  const [a, b, c, d, e, f] = mac.split('-');
  return `${MAC_PREFIX}${a}${b}:${c}${d}:${e}${f}`;
}
