import type { Site } from '../../site/model.ts';
import { type Listener, listenersOf } from '../../targets/nginx/listeners.ts';
import { parseServerUrl } from '../../values/server-url.ts';

/** Where the scripts of sites are answered for, and by which site: gives the site that another one's `server.next` leads to. */
export type NextOf = (site: Site) => Site | undefined;

/** Makes what finds, among sites, the one to which another one sends machines that it does not know: undefined where none is. */
export function nextAmong(sites: readonly Site[]): NextOf {
  const at = new Map<string, Site>();
  for (const site of sites)
    for (const listener of listenersOf(site.server))
      if (hasScripts(listener)) at.set(placeAt(listener), site);
  return ({ server }) => {
    const next = server.next === undefined ? undefined : parseServerUrl(server.next);
    return next && at.get(placeAt(next));
  };
}

/** Says whether machines find `/ipxe/<mac>` at a host and port. */
export function hasScripts({ others }: Listener): boolean {
  return others;
}

function placeAt({ isHttps, host, port }: Pick<Listener, 'isHttps' | 'host' | 'port'>): string {
  return `${isHttps ? 'https' : 'http'}://${host}:${port}`;
}
