import type { Site } from '../../site/model.ts';
import { nodeKey } from '../../tree/paths.ts';

/**
 * What a MAC is read behind, as the end of an IPv6 address. The group of its own keeps it from being taken for an IPv4
 * address, which nginx would do to `::ffff:…`: src/http/modules/ngx_http_geo_module.c.
 */
export const MAC_PREFIX = '::1:';

/** Gives every node by its MAC as an IPv6 address: `::1:5254:00aa:0101`. nginx's `geo` finds any number of these as fast. */
export function askedMacs({ nodes }: Pick<Site, 'nodes'>): AskedMac[] {
  const asked: AskedMac[] = [];
  for (const node of nodes) {
    if (!node.bootNic.mac) continue;
    const key = nodeKey(node);
    asked.push({ address: macAddress(key), key, name: node.name });
  }
  return asked;
}

/** A node by its MAC. */
export interface AskedMac {
  /** The MAC as an IPv6 address. */
  readonly address: string;
  readonly key: string;
  readonly name: string;
}

/** Gives a MAC with hyphens as an IPv6 address. */
export function macAddress(mac: string): string {
  const pair = (at: number) => mac.slice(at, at + 2) + mac.slice(at + 3, at + 5);
  return `${MAC_PREFIX}${pair(0)}:${pair(6)}:${pair(12)}`;
}
