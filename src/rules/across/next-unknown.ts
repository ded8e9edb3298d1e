import type { Site } from '../../site/model.ts';
import { listed } from '../../source/diagnostics/listed.ts';
import { placeOf } from '../../source/origin.ts';
import { listenersOf } from '../../targets/nginx/listeners.ts';
import { parseServerUrl } from '../../values/server-url.ts';
import type { AcrossRule } from './across-rule.ts';
import { hasScripts } from './next-site.ts';

export const nextUnknown: AcrossRule = {
  code: 'next-unknown',
  severity: 'warning',
  what: 'Where one site sends machines on to the boot server of another, a site answers at that port.',
  why: 'A machine that is sent to a port where nobody answers gets no script, and is not told that it is unknown.',
  check(sites, report) {
    const ports = new Map<string, Set<number>>();
    const owners = new Map<string, Site[]>();
    for (const site of sites)
      for (const { host, port } of listenersOf(site.server)) {
        ports.set(host, (ports.get(host) ?? new Set()).add(port));
        if (owners.get(host)?.at(-1) !== site) owners.set(host, [...(owners.get(host) ?? []), site]);
      }
    for (const site of sites) {
      const { next: url } = site.server;
      const next = url === undefined ? undefined : parseServerUrl(url);
      if (!next || !ports.has(next.host) || ports.get(next.host)?.has(next.port)) continue;
      const others = (owners.get(next.host) ?? []).filter((other) => other !== site);
      report({
        message: `${site.name} sends machines on to ${url}, where none of these sites answers.`,
        at: placeOf(site.server, 'next'),
        help: helpFor(others.flatMap(urlsOf)),
      });
    }
  },
};

/** How many URLs are named, before one is better off to look into the sites. */
const MOST = 5;

function helpFor(urls: readonly string[]): string {
  const silence = 'where a site of another inventory has it, silence next-unknown with the reason';
  if (urls.length === 0 || urls.length > MOST) return `write the server.url of another site; ${silence}`;
  return `the other sites are at ${listed(urls)}; ${silence}`;
}

function urlsOf({ server }: Site): string[] {
  return listenersOf(server).flatMap((listener) =>
    hasScripts(listener) ? `${listener.isHttps ? 'https' : 'http'}://${listener.host}:${listener.port}` : [],
  );
}
