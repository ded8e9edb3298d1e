import { type Listener, listenerLocation, listenersOf } from '../../plan/served.ts';
import type { Site } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { locationOf } from '../../source/origin.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../../values/addresses.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { error, warning } from '../rule.ts';
import type { MultiSiteRule } from './rule.ts';

type NextOf = (site: Site) => Site | undefined;

/** Returns a function that returns the site to which a site redirects unknown machines, or undefined. */
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

/** Maximum number of URLs to list. */
const MOST = 5;

export const nextRules: readonly MultiSiteRule[] = [
  error('next-in-a-circle', {
    what: 'Sites must not redirect unknown machines to each other in a circle.',
    why: 'A machine that is unknown to all of them would be redirected forever, and never print that it is unknown.',
    check(sites, report) {
      const nextOf = nextAmong(sites);
      const seen = new Set<Site>();
      for (const first of sites) {
        const chain: Site[] = [];
        let site: Site | undefined = first;
        for (; site && !seen.has(site); site = nextOf(site)) {
          seen.add(site);
          chain.push(site);
        }
        // A chain that ends in an earlier chain has no new circle.
        const circle = site && chain.includes(site) ? chain.slice(chain.indexOf(site)) : [];
        const [start, ...others] = circle;
        if (!start || others.length === 0) continue;
        report(locationOf(start.server, 'next'), {
          message: `${circle.map(({ name }) => name).join(' redirects machines to ')}, which redirects them back to ${start.name}: an unknown machine is redirected forever.`,
          related: others.map(({ name, server }) => ({
            message: `${name} redirects them at`,
            at: locationOf(server, 'next'),
          })),
          help: 'remove server.next from the last site',
        });
      }
    },
  }),
  error('next-without-scripts', {
    what: 'If a site redirects unknown machines to another site, it must use a URL at which that site serves scripts.',
    why: 'At a URL that serves only configurations, or at a port with another scheme, a machine gets no script.',
    check(sites, report) {
      const all = sites.flatMap((site) => listenersOf(site.server).map((listener) => ({ site, listener })));
      for (const { name, server } of sites) {
        const next = nextUrl(server);
        if (!next) continue;
        const atNext = all.filter(({ listener: { host, port } }) => host === next.host && port === next.port);
        const [wrong] = atNext;
        const isFor = ({ others, isHttps }: Listener) => others && isHttps === next.isHttps;
        if (!wrong || atNext.some(({ listener }) => isFor(listener))) continue;
        const { site, listener } = wrong;
        report(locationOf(server, 'next'), {
          message: `${name} redirects machines to ${server.next}: ${site.name} ${whatIsServed(listener)} there.`,
          related: [{ message: `${site.name} sets the URL at`, at: listenerLocation(site.server, listener) }],
          help: `set the server.url of ${site.name}: ${site.server.url}`,
        });
      }
    },
  }),
  warning('next-unknown', {
    what: 'If a site redirects unknown machines to another boot server, a site on that server must use the port of the URL.',
    why: 'At a port without a site, a machine gets no script, and does not print that it is unknown.',
    check(sites, report) {
      const all = sites.flatMap((site) => listenersOf(site.server).map((listener) => ({ site, listener })));
      for (const site of sites) {
        const next = nextUrl(site.server);
        if (!next) continue;
        const atHost = all.filter(({ listener }) => listener.host === next.host);
        if (atHost.length === 0 || atHost.some(({ listener }) => listener.port === next.port)) continue;
        const others = new Set(atHost.flatMap((one) => (one.site === site ? [] : one.site)));
        report(locationOf(site.server, 'next'), {
          message: `${site.name} redirects machines to ${site.server.next}: none of these sites uses the port.`,
          help: helpFor([...others].flatMap(urlsOf)),
        });
      }
    },
  }),
  warning('next-refuses', {
    what: 'An entry of `allow_scripts` must also be allowed by the sites to which the site redirects machines.',
    why: 'A boot image that assigns machines its own IP address finds the first site, and follows the redirect. The next site rejects the request (403), and the machine gets no script.',
    check(sites, report) {
      const nextOf = nextAmong(sites);
      for (const site of sites) {
        const { allowScripts } = site.server;
        allowScripts.forEach((entry, index) => {
          // Reports a repeated entry once.
          if (allowScripts.indexOf(entry) < index) return;
          const refusing = refusingSites(site, entry, nextOf);
          if (refusing.length === 0) return;
          const names = listed(refusing.map(({ name }) => name));
          const reject = refusing.length === 1 ? 'rejects' : 'reject';
          report(locationOf(allowScripts, index), {
            message: `${entry} may fetch the scripts of ${site.name}, but is redirected to ${names}, which ${reject} it.`,
            related: refusing.map(({ name, server }) => ({
              message: `${name} is at`,
              at: locationOf(server, 'url'),
            })),
            help: `add ${entry} to server.allow_scripts of ${names}`,
          });
        });
      }
    },
  }),
];

function whatIsServed(listener: Listener): string {
  if (listener.others) return `uses ${listener.isHttps ? 'https' : 'http'}`;
  return `serves only ${listener.configurations ? 'configurations' : 'iPXE binaries'}`;
}

function helpFor(urls: readonly string[]): string {
  const silence = 'or, for a site of another inventory, add silence: {next-unknown: "the reason"}';
  if (urls.length === 0 || urls.length > MOST) return `set the server.url of another site; ${silence}`;
  return `set the URL of another site: ${listed(urls)}; ${silence}`;
}

function urlsOf({ server }: Site): string[] {
  return listenersOf(server).flatMap((listener) => (listener.others ? urlOf(listener) : []));
}

/** Returns the next sites that reject an entry, up to a site with the same entry, which the rule checks by itself. */
function refusingSites(first: Site, entry: string, nextOf: NextOf): Site[] {
  const range = parseAddressOrCidr(entry);
  const refusing: Site[] = [];
  const seen = new Set([first]);
  for (let site = nextOf(first); site && range && !seen.has(site); site = nextOf(site)) {
    seen.add(site);
    if (site.server.allowScripts.includes(entry)) break;
    if (!isAllowed(site.server, range)) refusing.push(site);
  }
  return refusing;
}

/** Whether a whole range may fetch scripts, by one entry or by several adjacent ones. */
function isAllowed({ allow, allowScripts }: Server, { first, last }: Ipv4Range): boolean {
  const ranges = [...allow, ...allowScripts]
    .flatMap((entry) => parseAddressOrCidr(entry) ?? [])
    .sort((a, b) => a.first - b.first);
  let from = first;
  for (const range of ranges) if (range.first <= from && range.last >= from) from = range.last + 1;
  return from > last;
}
