import type { Site } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { locationOf } from '../../source/origin.ts';
import { type Listener, listenerPlace, listenersOf } from '../../targets/nginx/served.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../../values/addresses.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { error, warning } from '../rule.ts';
import type { MultiSiteRule } from './rule.ts';

type NextOf = (site: Site) => Site | undefined;

/** Makes what finds, among sites, the one to which another one sends machines that it does not know: undefined where none is. */
function nextAmong(sites: readonly Site[]): NextOf {
  const at = new Map<string, Site>();
  for (const site of sites)
    for (const listener of listenersOf(site.server)) if (listener.others) at.set(urlOf(listener), site);
  return ({ server }) => {
    const next = nextUrl(server);
    return next && at.get(urlOf(next));
  };
}

function nextUrl({ next }: Server) {
  return next === undefined ? undefined : parseServerUrl(next);
}

function urlOf({ isHttps, host, port }: Pick<Listener, 'isHttps' | 'host' | 'port'>): string {
  return `${isHttps ? 'https' : 'http'}://${host}:${port}`;
}

export const nextInACircle = error<MultiSiteRule>('next-in-a-circle', {
  what: 'Of several sites that send machines on to each other, the last one sends them nowhere.',
  why: 'A machine that none of them knows would be sent round and round, and never be told that it is unknown.',
  check(sites, report) {
    const nextOf = nextAmong(sites);
    const seen = new Set<Site>();
    for (const first of sites) {
      const way: Site[] = [];
      let site: Site | undefined = first;
      for (; site && !seen.has(site); site = nextOf(site)) {
        seen.add(site);
        way.push(site);
      }
      // Of a way that leads into another one, which has been gone through, nothing is left to say.
      const circle = site && way.includes(site) ? way.slice(way.indexOf(site)) : [];
      const [start, ...others] = circle;
      if (!start || others.length === 0) continue;
      report({
        message: `${circle.map(({ name }) => name).join(' sends machines on to ')}, and that back to ${start.name}.`,
        at: locationOf(start.server, 'next'),
        related: others.map(({ name, server }) => ({
          message: `${name} sends them on at`,
          at: locationOf(server, 'next'),
        })),
        help: 'take server.next from the last one',
      });
    }
  },
});

export const nextWithoutScripts = error<MultiSiteRule>('next-without-scripts', {
  what: 'Where one site sends machines on to another, that one has its scripts there.',
  why: 'A machine that is sent to where the other site has its configurations alone, or to a port that speaks another scheme, gets no script from either.',
  check(sites, report) {
    const all = sites.flatMap((site) => listenersOf(site.server).map((listener) => ({ site, listener })));
    for (const { name, server } of sites) {
      const next = nextUrl(server);
      if (!next) continue;
      const there = all.filter(({ listener: { host, port } }) => host === next.host && port === next.port);
      const [wrong] = there;
      const isFor = ({ others, isHttps }: Listener) => others && isHttps === next.isHttps;
      if (!wrong || there.some(({ listener }) => isFor(listener))) continue;
      const { site, listener } = wrong;
      report({
        message: `${name} sends machines on to ${server.next}, where ${site.name} ${whatIsThere(listener)}.`,
        at: locationOf(server, 'next'),
        related: [{ message: `${site.name} says so at`, at: listenerPlace(site.server, listener) }],
        help: `write the server.url of ${site.name}: ${site.server.url}`,
      });
    }
  },
});

function whatIsThere(listener: Listener): string {
  if (listener.others) return `speaks ${listener.isHttps ? 'https' : 'http'}`;
  return listener.configurations ? 'has configurations alone' : "has iPXE's programs alone";
}

export const nextUnknown = warning<MultiSiteRule>('next-unknown', {
  what: 'Where one site sends machines on to the boot server of another, a site answers at that port.',
  why: 'A machine that is sent to a port where nobody answers gets no script, and is not told that it is unknown.',
  check(sites, report) {
    const all = sites.flatMap((site) => listenersOf(site.server).map((listener) => ({ site, listener })));
    for (const site of sites) {
      const next = nextUrl(site.server);
      if (!next) continue;
      const there = all.filter(({ listener }) => listener.host === next.host);
      if (there.length === 0 || there.some(({ listener }) => listener.port === next.port)) continue;
      const others = new Set(there.flatMap((one) => (one.site === site ? [] : one.site)));
      report({
        message: `${site.name} sends machines on to ${site.server.next}, where none of these sites answers.`,
        at: locationOf(site.server, 'next'),
        help: helpFor([...others].flatMap(urlsOf)),
      });
    }
  },
});

/** How many URLs are named, before one is better off to look into the sites. */
const MOST = 5;

function helpFor(urls: readonly string[]): string {
  const silence = 'where a site of another inventory has it, silence next-unknown with the reason';
  if (urls.length === 0 || urls.length > MOST) return `write the server.url of another site; ${silence}`;
  return `the other sites are at ${listed(urls)}; ${silence}`;
}

function urlsOf({ server }: Site): string[] {
  return listenersOf(server).flatMap((listener) => (listener.others ? urlOf(listener) : []));
}

export const nextRefuses = warning<MultiSiteRule>('next-refuses', {
  what: 'Who may fetch the scripts of a site may fetch those of the sites that it sends machines on to.',
  why: 'A boot image that gives machines an address of its own finds the first site, is sent on, and is refused by the next one (403): its machines get no script.',
  check(sites, report) {
    const nextOf = nextAmong(sites);
    for (const site of sites) {
      const { allowScripts } = site.server;
      allowScripts.forEach((entry, index) => {
        // What is written twice is said once.
        if (allowScripts.indexOf(entry) < index) return;
        const refusing = refusingSites(site, entry, nextOf);
        if (refusing.length === 0) return;
        const names = listed(refusing.map(({ name }) => name));
        const does = refusing.length === 1 ? 'does' : 'do';
        report({
          message: `${entry} may fetch the scripts of ${site.name}, and is sent on to ${names}, which ${does} not let it.`,
          at: locationOf(allowScripts, index),
          related: refusing.map(({ name, server }) => ({
            message: `${name} is at`,
            at: locationOf(server, 'url'),
          })),
          help: `add ${entry} to server.allow_scripts there`,
        });
      });
    }
  },
});

/** The sites down the row that an address does not get scripts from, up to one that lists it itself and so answers for the rest. */
function refusingSites(first: Site, entry: string, nextOf: NextOf): Site[] {
  const range = parseAddressOrCidr(entry);
  const refusing: Site[] = [];
  const seen = new Set([first]);
  for (let site = nextOf(first); site && range && !seen.has(site); site = nextOf(site)) {
    seen.add(site);
    if (site.server.allowScripts.includes(entry)) break;
    if (!lets(site.server, range)) refusing.push(site);
  }
  return refusing;
}

/** Whether all of a range may fetch scripts, be it by several entries that lie beside each other. */
function lets({ allow, allowScripts }: Server, { first, last }: Ipv4Range): boolean {
  const ranges = [...allow, ...allowScripts]
    .flatMap((entry) => parseAddressOrCidr(entry) ?? [])
    .sort((a, b) => a.first - b.first);
  let from = first;
  for (const range of ranges) if (range.first <= from && range.last >= from) from = range.last + 1;
  return from > last;
}
