import { placeOf } from '../../source/origin.ts';
import { type Listener, listenerPlace, listenersOf } from '../../targets/nginx/listeners.ts';
import { parseServerUrl } from '../../values/server-url.ts';
import type { AcrossRule } from './across-rule.ts';
import { hasScripts } from './next-site.ts';

export const nextWithoutScripts: AcrossRule = {
  code: 'next-without-scripts',
  severity: 'error',
  what: 'Where one site sends machines on to another, that one has its scripts there.',
  why: 'A machine that is sent to where the other site has its configurations alone, or to a port that speaks another scheme, gets no script from either.',
  check(sites, report) {
    const all = sites.flatMap((site) => listenersOf(site.server).map((listener) => ({ site, listener })));
    for (const { name, server } of sites) {
      const next = server.next === undefined ? undefined : parseServerUrl(server.next);
      if (!next) continue;
      const there = all.filter(({ listener: { host, port } }) => host === next.host && port === next.port);
      const [wrong] = there;
      if (!wrong || there.some(({ listener }) => isFor(listener, next.isHttps))) continue;
      report({
        message: `${name} sends machines on to ${server.next}, where ${wrong.site.name} ${whatIsThere(wrong.listener)}.`,
        at: placeOf(server, 'next'),
        related: [
          {
            message: `${wrong.site.name} says so at`,
            at: listenerPlace(wrong.site.server, wrong.listener),
          },
        ],
        help: `write the server.url of ${wrong.site.name}: ${wrong.site.server.url}`,
      });
    }
  },
};

function isFor(listener: Listener, isHttps: boolean): boolean {
  return hasScripts(listener) && listener.isHttps === isHttps;
}

function whatIsThere(listener: Listener): string {
  if (hasScripts(listener)) return `speaks ${listener.isHttps ? 'https' : 'http'}`;
  return listener.configurations ? 'has configurations alone' : "has iPXE's programs alone";
}
