import { canBeNodePort, podPorts } from '../../plan/kubernetes.ts';
import { type Listener, listenerLocation, listenersOf } from '../../plan/served.ts';
import type { Site } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { keyLocationOf, locationOf } from '../../source/origin.ts';
import { type Ipv4Range, ipv4Number, parseAddressOrCidr } from '../../values/addresses.ts';
import { kubernetesName } from '../../values/identifiers.ts';
import { plainPath } from '../../values/text.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { error, repeats, warning } from '../rule.ts';
import { circlesOf } from '../support.ts';
import { machinesOf } from './hosts.ts';
import { inTwoSites, type MultiSiteRule } from './rule.ts';

/** The paths that each site must have for itself. Signatures must also not be inside those of another site. */
const PATHS = [
  {
    what: 'signatures',
    key: 'server.sign.path',
    consequence: 'signing for one removes those of the other',
    pathOf: ({ sign }: Server) => sign?.path,
    at: (server: Server) => (server.sign ? locationOf(server.sign, 'path') : locationOf(server, 'sign')),
    nests: true,
  },
  {
    what: 'the secrets include',
    key: 'server.secrets',
    consequence: 'the last one replaces the other, and nginx serves no configuration of that site',
    pathOf: ({ secrets }: Server) => secrets,
    at: (server: Server) => locationOf(server, 'secrets'),
  },
  {
    what: 'iPXE binaries',
    key: 'server.tftp',
    consequence: 'all machines boot the last ones, which contain the entry script of one site',
    pathOf: ({ tftp }: Server) => tftp,
    at: (server: Server) => locationOf(server, 'tftp'),
    // Without signatures, all sites have the same binaries.
    signedOnly: true,
  },
];

export const serverRules: readonly MultiSiteRule[] = [
  error('root-in-two-sites', {
    what: "On a shared boot server, no site's output tree must be inside the tree of another site.",
    why: "A deployment deletes all other files in its directory: the other site's machines have nothing to boot.",
  }).check((sites, report) => {
    for (const [{ name, server }, other] of sharingPath(sites, ({ root }) => root, true))
      report(locationOf(server, 'root'), {
        message: `The output tree of ${name} is in ${server.root}, and that of ${other.name} in ${other.server.root}, on one boot server: deploying ${other.name} deletes it.`,
        related: [{ message: `${other.name} sets its directory at`, at: locationOf(other.server, 'root') }],
        help: 'set separate directories in server.root; or, if these are two machines, add silence: {root-in-two-sites: "the reason"}',
      });
  }),
  error('path-in-two-sites', {
    what: 'Sites on one boot server must have separate paths for signatures, the secrets include and, with signed boots, iPXE binaries.',
    why: 'The files of one site replace those of the other, whose machines then boot nothing or get no configuration.',
  }).check((sites, report) => {
    // Of two sites with one path, the one that signs comes first.
    const signedFirst = [...sites].sort((a, b) => Number(!a.server.sign) - Number(!b.server.sign));
    for (const { what, key, consequence, pathOf, at, nests, signedOnly } of PATHS)
      for (const [{ name, server }, other] of sharingPath(signedFirst, pathOf, nests)) {
        if (signedOnly && !other.server.sign) continue;
        report(at(server), {
          message: `${name} has ${what} at ${pathOf(server)}, and ${other.name} at ${pathOf(other.server)}, on one boot server: ${consequence}.`,
          related: [{ message: `${other.name} sets it at`, at: at(other.server) }],
          help: `set separate paths in ${key}; or, if these are two machines, add silence: {path-in-two-sites: "the reason"}`,
        });
      }
  }),
  error('url-in-two-sites', {
    what: 'Sites that are compiled together must have separate boot servers, or different ports or names of one.',
    why: 'Of two sites with one name and port, nginx serves the first and ignores the other, with only a warning. Identically numbered sites with separate boot servers can silence this rule in the file that they share.',
  }).check((sites, report) => {
    const first = new Map<string, { readonly site: Site; readonly listener: Listener }>();
    for (const site of sites) {
      const listeners = listenersOf(site.server).map((listener) => [hostPort(listener), listener] as const);
      // Two listeners that serve only iPXE binaries are interchangeable.
      const [taken = ''] =
        listeners.find(([at, listener]) => {
          const other = first.get(at)?.listener;
          return other && !(isForLoaders(listener) && isForLoaders(other));
        }) ?? [];
      const other = first.get(taken)?.site;
      if (!other) {
        for (const [at, listener] of listeners) first.set(at, { site, listener });
        continue;
      }
      const takenAt = ({ server }: Site) => {
        const further = listenersOf(server).find((one) => one.by === 'ports' && hostPort(one) === taken);
        return further ? listenerLocation(server, further) : locationOf(server, 'url');
      };
      const as = site.server.url === other.server.url ? site.server.url : taken;
      report(takenAt(site), {
        message: `${site.name} and ${other.name} are both served as ${as}: if this is one machine, nginx serves only one of them.`,
        related: [{ message: `${other.name} sets it at`, at: takenAt(other) }],
        help: 'set another port or name in server.url, server.tls.url or server.ports; or, for two machines, add silence: {url-in-two-sites: "the reason"}',
      });
    }
  }),
  warning('https-in-two-sites', {
    what: 'Sites that are compiled together must not use http and https on the same port.',
    why: 'A port of nginx uses one of the two, for all names and IP addresses of the machine: clients of the http site get "400 Bad Request".',
  }).check((sites, report) => {
    const first = new Map<string, { readonly site: Site; readonly listener: Listener }>();
    for (const site of sites)
      for (const listener of listenersOf(site.server)) {
        const { host, port, isHttps } = listener;
        const other = first.get(`${port} ${!isHttps}`);
        // url-in-two-sites reports sites with the same name.
        if (other && other.site !== site && other.listener.host !== host) {
          const at = listenerLocation(other.site.server, other.listener);
          report(listenerLocation(site.server, listener), {
            message: `${site.name} uses ${protocol(listener)} on port ${port}, and ${other.site.name} ${protocol(other.listener)}: if this is one machine, nginx uses only one of them.`,
            related: [{ message: `${other.site.name} sets it at`, at }],
            help: 'choose another port for one of them; or, if these are two machines, add silence: {https-in-two-sites: "the reason"}',
          });
        }
        const own = `${port} ${isHttps}`;
        if (!first.has(own)) first.set(own, { site, listener });
      }
  }),
  warning('node-port-in-two-sites', {
    what: 'Sites that are compiled together must not use the same NodePort for their pods.',
    why: 'A NodePort is the same on all nodes of a cluster and belongs to one Service: the cluster rejects the second ("provided port is already allocated").',
  }).check((sites, report) => {
    for (const { later: port, site, other } of inTwoSites(sites, nodePortsOf, (port) => port))
      report(portLocation(site, port), {
        message: `${site.name} and ${other.name} both have the NodePort ${port}: one cluster rejects the second.`,
        related: [{ message: `${other.name} sets it at`, at: portLocation(other, port) }],
        help: 'set another port for one of them; or, if these are two clusters, add silence: {node-port-in-two-sites: "the reason"}',
      });
  }),
  error('pods-in-two-sites', {
    what: 'Sites that are compiled together must have pods with different names or namespaces: in Kubernetes, `a_b` is named `a-b`.',
    why: 'Objects with the same name replace each other: the tree that is applied last is served to the machines of both sites.',
  }).check((sites, report) => {
    const nameOf = ({ name, server: { kubernetes } }: Site) =>
      kubernetes && `${kubernetes.namespace}/${kubernetesName(name)}`;
    for (const { later, first } of repeats(sites, nameOf))
      report(keyLocationOf(later.server, 'kubernetes'), {
        message: `The pods of ${later.name} and ${first.name} have the same name, ${nameOf(later)}: the last applied tree serves both sites.`,
        related: [{ message: `${first.name} sets pods at`, at: keyLocationOf(first.server, 'kubernetes') }],
        help: 'set another server.kubernetes.namespace for one of them, or rename the site',
      });
  }),
  error('pods-at-one-address', {
    what: 'Sites that are compiled together must have different IP addresses for the LoadBalancers of their pods.',
    why: 'A Service that keeps source IP addresses (`externalTrafficPolicy: Local`) cannot share its IP address with other pods, whatever the ports: the second Service gets none. Identically numbered sites with separate clusters can silence this rule in the file that they share.',
  }).check((sites, report) => {
    const addressOf = ({ server: { host, kubernetes } }: Site) =>
      kubernetes?.service === 'LoadBalancer' && ipv4Number(host) !== undefined ? host : undefined;
    for (const { later, first } of repeats(sites, addressOf))
      report(locationOf(later.server, 'url'), {
        message: `The LoadBalancers of ${later.name} and ${first.name} are both set to ${later.server.host}: the second one gets none.`,
        related: [{ message: `${first.name} sets it at`, at: locationOf(first.server, 'url') }],
        help: 'set different IP addresses in server.url, and redirect machines with server.next; or, for two clusters, add silence: {pods-at-one-address: "the reason"}',
      });
  }),
];

/** Yields pairs of sites with one path on one boot server; if `nests`, also those whose first path is inside the second. */
function* sharingPath(
  sites: readonly Site[],
  pathOf: (server: Server) => string | undefined,
  nests = false,
): Iterable<readonly [Site, Site]> {
  const machines = machinesOf(sites);
  // Sorted, so that the paths inside a directory come right after it.
  const paths = sites
    .flatMap((site) => {
      const path = pathOf(site.server);
      return path === undefined ? [] : [{ site, at: `${machines.get(site)} ${plainPath(path)}/` }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  let first = paths[0];
  for (const next of paths.slice(1))
    if (first && (nests ? next.at.startsWith(first.at) : next.at === first.at)) yield [next.site, first.site];
    else first = next;
}

const hostPort = ({ host, port }: Listener): string => `${host}:${port}`;
const isForLoaders = ({ configurations, others }: Listener): boolean => !configurations && !others;
const protocol = ({ isHttps }: Listener): string => (isHttps ? 'https' : 'http');

/** Returns the NodePorts that a site requests: `node_port` for the port of `server.url`, and ports that are valid NodePorts. */
function nodePortsOf(site: Site): Set<number> {
  const { kubernetes } = site.server;
  if (kubernetes?.service !== 'NodePort') return new Set();
  return new Set(
    podPorts(site).flatMap(({ port }, index) => {
      const nodePort = index === 0 ? kubernetes.nodePort : undefined;
      return nodePort ?? (canBeNodePort(port) ? port : []);
    }),
  );
}

function portLocation({ server }: Site, port: number) {
  if (server.kubernetes?.nodePort === port) return locationOf(server.kubernetes, 'nodePort');
  const further = server.ports.indexOf(port);
  return further < 0
    ? locationOf(server, server.port === port ? 'url' : 'tls')
    : locationOf(server.ports, further);
}

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

const nextUrl = ({ next }: Server) => (next === undefined ? undefined : parseServerUrl(next));

function urlOf({ isHttps, host, port }: Pick<Listener, 'isHttps' | 'host' | 'port'>): string {
  return `${isHttps ? 'https' : 'http'}://${host}:${port}`;
}

export const nextRules: readonly MultiSiteRule[] = [
  error('next-in-a-circle', {
    what: 'Sites must not redirect unknown machines to each other in a circle.',
    why: 'A machine that is unknown to all of them would be redirected forever, and never print that it is unknown.',
  }).check((sites, report) => {
    for (const circle of circlesOf(sites, nextAmong(sites))) {
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
  }),
  error('next-without-scripts', {
    what: 'If a site redirects unknown machines to another site, it must use a URL at which that site serves scripts.',
    why: 'At a URL that serves only configurations, or at a port with another scheme, a machine gets no script.',
  }).check((sites, report) => {
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
  }),
  warning('next-unknown', {
    what: 'If a site redirects unknown machines to another boot server, a site on that server must use the port of the URL.',
    why: 'At a port without a site, a machine gets no script, and does not print that it is unknown.',
  }).check((sites, report) => {
    const all = sites.flatMap((site) => listenersOf(site.server).map((listener) => ({ site, listener })));
    for (const site of sites) {
      const next = nextUrl(site.server);
      if (!next) continue;
      const atHost = all.filter(({ listener }) => listener.host === next.host);
      if (atHost.length === 0 || atHost.some(({ listener }) => listener.port === next.port)) continue;
      const others = new Set(atHost.flatMap((one) => (one.site === site ? [] : one.site)));
      report(locationOf(site.server, 'next'), {
        message: `${site.name} redirects machines to ${site.server.next}: none of these sites uses the port.`,
        help: helpFor(
          [...others].flatMap(({ server }) =>
            listenersOf(server).flatMap((listener) => (listener.others ? urlOf(listener) : [])),
          ),
        ),
      });
    }
  }),
  warning('next-refuses', {
    what: 'An entry of `allow_scripts` must also be allowed by the sites to which the site redirects machines.',
    why: 'A boot image that assigns machines its own IP address finds the first site, and follows the redirect. The next site rejects the request (403), and the machine gets no script.',
  }).check((sites, report) => {
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
  }),
];

function whatIsServed(listener: Listener): string {
  if (listener.others) return `uses ${listener.isHttps ? 'https' : 'http'}`;
  return `serves only ${listener.configurations ? 'configurations' : 'iPXE binaries'}`;
}

function helpFor(urls: readonly string[]): string {
  const silence = 'or, for a site of another inventory, add silence: {next-unknown: "the reason"}';
  if (urls.length === 0 || urls.length > 5) return `set the server.url of another site; ${silence}`;
  return `set the URL of another site: ${listed(urls)}; ${silence}`;
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
