import type { Site } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { keyLocationOf, locationOf } from '../../source/origin.ts';
import { canBeNodePort } from '../../targets/k8s/k8s.ts';
import { podPorts } from '../../targets/k8s/pod.ts';
import { type Listener, listenerPlace, listenersOf } from '../../targets/nginx/served.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { kubernetesName } from '../../values/identifiers.ts';
import { plainPath } from '../../values/text.ts';
import { error, warning } from '../rule.ts';
import { repeats } from '../support.ts';
import { machinesOf } from './hosts.ts';
import { inTwoSites, type MultiSiteRule } from './rule.ts';

export const rootInTwoSites = error<MultiSiteRule>('root-in-two-sites', {
  what: 'The trees of sites that share a boot server lie beside each other on it, none in another.',
  why: "A deployment deletes what is in its folder and not of its tree: the other site's machines would have nothing to boot.",
  check(sites, report) {
    for (const [{ name, server }, other] of sharingPath(sites, ({ root }) => root, true)) {
      report({
        message: `The tree of ${name} lies in ${server.root}, and that of ${other.name} in ${other.server.root}, on the same boot server: deploying ${other.name} would delete it.`,
        at: locationOf(server, 'root'),
        related: [{ message: `${other.name} has its folder at`, at: locationOf(other.server, 'root') }],
        help: 'choose folders beside each other with server.root; where these are two machines, silence root-in-two-sites with the reason',
      });
    }
  },
});

export const pathInTwoSites = error<MultiSiteRule>('path-in-two-sites', {
  what: "Sites that share a boot server have paths of their own on it for signatures, the secrets' include and, where boots are signed, iPXE's programs.",
  why: 'What is put there for one site takes the place of what the other has: its machines boot nothing, or get no configuration.',
  check(sites, report) {
    // Of two with one path, the one that signs comes first.
    const signedFirst = [...sites].sort((a, b) => Number(!a.server.sign) - Number(!b.server.sign));
    for (const { what, key, consequence, pathOf, placeOf, nests, signedOnly } of KINDS) {
      for (const [{ name, server }, other] of sharingPath(signedFirst, pathOf, nests)) {
        if (signedOnly && !other.server.sign) continue;
        report({
          message: `${name} has ${what} at ${pathOf(server)}, and ${other.name} at ${pathOf(other.server)}, on the same boot server: ${consequence}.`,
          at: placeOf(server),
          related: [{ message: `${other.name} has it at`, at: placeOf(other.server) }],
          help: `choose paths of their own with ${key}; where these are two machines, silence path-in-two-sites with the reason`,
        });
      }
    }
  },
});

/** What each site has at a path of its own; of signatures, none within another's. */
const KINDS = [
  {
    what: 'signatures',
    key: 'server.sign.path',
    consequence: 'signing for one removes those of the other',
    pathOf: ({ sign }: Server) => sign?.path,
    placeOf: (server: Server) => (server.sign ? locationOf(server.sign, 'path') : locationOf(server, 'sign')),
    nests: true,
  },
  {
    what: "the secrets' include",
    key: 'server.secrets',
    consequence:
      'the one that is put there last is that of both, and nginx hands out no configuration of the other',
    pathOf: ({ secrets }: Server) => secrets,
    placeOf: (server: Server) => locationOf(server, 'secrets'),
  },
  {
    what: "iPXE's programs",
    key: 'server.tftp',
    consequence:
      'those that are put there last boot all machines, and they have the first step of one site built in',
    pathOf: ({ tftp }: Server) => tftp,
    placeOf: (server: Server) => locationOf(server, 'tftp'),
    // It is a fault only where one of the two signs.
    signedOnly: true,
  },
];

/** Returns pairs of sites with one path on one boot server, or, if `nests`, with the first site's path in the second one's. */
function* sharingPath(
  sites: readonly Site[],
  pathOf: (server: Server) => string | undefined,
  nests = false,
): Iterable<readonly [Site, Site]> {
  const machines = machinesOf(sites);
  // Sorted, so that what lies in a folder comes right after it.
  const paths = sites
    .flatMap((site) => {
      const path = pathOf(site.server);
      return path === undefined ? [] : [{ site, at: `${machines.get(site)} ${plainPath(path)}/` }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  let first = paths[0];
  for (const next of paths.slice(1)) {
    if (first && (nests ? next.at.startsWith(first.at) : next.at === first.at)) yield [next.site, first.site];
    else first = next;
  }
}

export const urlInTwoSites = error<MultiSiteRule>('url-in-two-sites', {
  what: 'Sites that are compiled together have boot servers of their own, or other ports or names of the same one.',
  why: 'The boot server, nginx, serves the first of two with the same name and port, and passes over the other with no more than a warning: its machines would find nothing of theirs. Of plants that are all numbered alike, and each with a boot server of its own, silence it in the file that they share.',
  check(sites, report) {
    const first = new Map<string, { readonly site: Site; readonly listener: Listener }>();
    for (const site of sites) {
      const listeners = listenersOf(site.server).map((listener) => [placeAt(listener), listener] as const);
      // Firmware finds iPXE's programs at either of two sites that have nothing else there.
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
      const placeOfIt = ({ server }: Site) => {
        const further = listenersOf(server).find((one) => one.by === 'ports' && placeAt(one) === taken);
        return further ? listenerPlace(server, further) : locationOf(server, 'url');
      };
      const as = site.server.url === other.server.url ? site.server.url : taken;
      report({
        message: `${site.name} and ${other.name} are both served as ${as}: where that is one machine, nginx serves ${other.name} or ${site.name}, never both.`,
        at: placeOfIt(site),
        related: [{ message: `${other.name} has it at`, at: placeOfIt(other) }],
        help: 'give one of them another port or name in server.url, server.tls.url or server.ports; where these are two machines, silence url-in-two-sites with the reason',
      });
    }
  },
});

function placeAt({ host, port }: Listener): string {
  return `${host}:${port}`;
}

function isForLoaders({ configurations, others }: Listener): boolean {
  return !configurations && !others;
}

export const httpsInTwoSites = warning<MultiSiteRule>('https-in-two-sites', {
  what: 'Of sites that are compiled together, none speaks http at a port at which another speaks https.',
  why: 'A port of nginx speaks one of the two, for all names and addresses of the machine: the site that speaks http is answered "400 Bad Request".',
  check(sites, report) {
    const first = new Map<string, { readonly site: Site; readonly listener: Listener }>();
    for (const site of sites) {
      for (const listener of listenersOf(site.server)) {
        const { host, port, isHttps } = listener;
        const other = first.get(`${port} ${!isHttps}`);
        // The same name, too: then url-in-two-sites has said it.
        if (other && other.site !== site && other.listener.host !== host) {
          const at = listenerPlace(other.site.server, other.listener);
          report({
            message: `${site.name} speaks ${protocol(listener)} at port ${port}, and ${other.site.name} ${protocol(other.listener)}: where that is one machine, nginx speaks one of the two there.`,
            at: listenerPlace(site.server, listener),
            related: [{ message: `${other.site.name} has it at`, at }],
            help: 'choose another port for one of them; where these are two machines, silence https-in-two-sites with the reason',
          });
        }
        const own = `${port} ${isHttps}`;
        if (!first.has(own)) first.set(own, { site, listener });
      }
    }
  },
});

function protocol({ isHttps }: Listener): string {
  return isHttps ? 'https' : 'http';
}

export const nodePortInTwoSites = warning<MultiSiteRule>('node-port-in-two-sites', {
  what: 'Sites that are compiled together, and whose pods are behind NodePorts, have other ones.',
  why: 'A NodePort is the same at all nodes of a cluster, and one Service has it: the cluster refuses the second ("provided port is already allocated").',
  check(sites, report) {
    for (const { one: port, site, other } of inTwoSites(sites, nodePortsOf, (port) => port)) {
      report({
        message: `${site.name} and ${other.name} both have the NodePort ${port}.`,
        at: placeThatSays(site, port),
        related: [{ message: `${other.name} has it at`, at: placeThatSays(other, port) }],
        help: 'give one of them another port; where these are two clusters, silence node-port-in-two-sites with the reason',
      });
    }
  },
});

/** The NodePorts that a site asks for: that of `server.url`, which may be said, and further ones that can be such. */
function nodePortsOf(site: Site): Set<number> {
  const { kubernetes } = site.server;
  if (kubernetes?.service !== 'NodePort') return new Set();
  return new Set(
    podPorts(site).flatMap(({ port }, index) => {
      const said = index === 0 ? kubernetes.nodePort : undefined;
      return said ?? (canBeNodePort(port) ? port : []);
    }),
  );
}

function placeThatSays({ server }: Site, port: number) {
  if (server.kubernetes?.nodePort === port) return locationOf(server.kubernetes, 'nodePort');
  const further = server.ports.indexOf(port);
  return further < 0
    ? locationOf(server, server.port === port ? 'url' : 'tls')
    : locationOf(server.ports, further);
}

export const podsInTwoSites = error<MultiSiteRule>('pods-in-two-sites', {
  what: 'Pods of sites that are compiled together differ in name or namespace: `a-b` and `a_b` are one name to Kubernetes.',
  why: 'Of two objects with one name there is one: the tree that is applied last would be served to the machines of both.',
  check(sites, report) {
    const nameOf = ({ name, server: { kubernetes } }: Site) =>
      kubernetes && `${kubernetes.namespace}/${kubernetesName(name)}`;
    for (const { one, first } of repeats(sites, nameOf)) {
      report({
        message: `The pods of ${one.name} and of ${first.name} are both called ${nameOf(one)}.`,
        at: keyLocationOf(one.server, 'kubernetes'),
        related: [{ message: `${first.name} says so at`, at: keyLocationOf(first.server, 'kubernetes') }],
        help: 'give one another namespace with server.kubernetes.namespace, or rename the site',
      });
    }
  },
});

export const podsAtOneAddress = error<MultiSiteRule>('pods-at-one-address', {
  what: 'Sites that are compiled together, and whose pods are behind a LoadBalancer, have addresses of their own.',
  why: "A Service that nginx sees machines' own addresses through (`externalTrafficPolicy: Local`) shares its address with no Service of other pods, whatever the ports: the second one is given none, and its machines find nothing. Of plants that are all numbered alike, and each with a cluster of its own, silence it in the file that they share.",
  check(sites, report) {
    const addressOf = ({ server: { host, kubernetes } }: Site) =>
      kubernetes?.service === 'LoadBalancer' && ipv4Number(host) !== undefined ? host : undefined;
    for (const { one, first } of repeats(sites, addressOf)) {
      report({
        message: `The LoadBalancers of ${one.name} and of ${first.name} are both to have the address ${one.server.host}.`,
        at: locationOf(one.server, 'url'),
        related: [{ message: `${first.name} has it at`, at: locationOf(first.server, 'url') }],
        help: 'give each an address of its own in server.url, and send machines on to it with server.next; where these are two clusters, silence pods-at-one-address with the reason',
      });
    }
  },
});
