import { isUnknown } from '../../site/effective.ts';
import type { Network, Site } from '../../site/model.ts';
import { type BootRequest, bootRequests, linuxRequests } from '../../site/requests.ts';
import { isBroken, lacks, selfLocation } from '../../source/origin.ts';
import { ipv4Number } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { onceFor } from '../../values/once-for.ts';
import { hostOfUrl } from '../../values/urls.ts';
import { unreachableDisks } from '../disks/iscsi.ts';
import { error, essential, type Rule } from '../rule.ts';
import { obstacleTo } from '../support.ts';

/** The first request of a network's machines to a host. */
interface Fetch {
  readonly who: string;
  readonly network: Draft<Network>;
  readonly host: string;
  readonly what: string;
  readonly at: BootRequest['at'];
}

/** Arguments with which a machine has other routes and DNS servers than those of its network. */
const OWN_ROUTES = /^"?(?:ip=\d|rd\.route=|nameserver=)/;

type Arguments = readonly string[];

const fetches = onceFor((site: Draft<Site>): readonly Fetch[] => {
  const { nodes = [], networks = [], server, unknownMachines = [] } = site;
  const found = new Map<string, Fetch>();
  const add = (who: string, network: Draft<Network>, requests: Iterable<BootRequest>, args?: Arguments) => {
    const hasRoutes = args?.some((arg) => OWN_ROUTES.test(arg));
    for (const request of requests) {
      if (hasRoutes && request.kind === 'argument') continue;
      const host = hostOfUrl(request.url);
      const key = `${network.name} ${host}`;
      const what = request.kind === 'argument' ? `argument ${request.text}` : request.kind;
      if (host !== undefined && !found.has(key)) found.set(key, { who, network, host, what, at: request.at });
    }
  };
  for (const node of nodes) {
    const network = node?.bootNic?.network;
    if (!node?.name || !node.os || !network) continue;
    // The installer has the node's own DNS servers when it fetches the ISO.
    const hasDns = node.userConfig?.os?.dns_nameservers?.length || isUnknown(node, 'os.dns_nameservers');
    const requests = [...bootRequests(node, server)];
    const wanted = hasDns ? requests.filter(({ kind }) => kind !== 'ISO') : requests;
    add(node.name, network, wanted, node.linux?.args ?? node.installerArgs);
  }
  for (const network of networks)
    for (const one of network?.dhcp?.pool ? unknownMachines : [])
      if (network && one) add('An unknown machine', network, linuxRequests(one), one.args);
  return [...found.values()];
});

export const routeRules: readonly Rule[] = [
  error('url-unreachable', {
    what: 'Machines must be on the network of each server that they fetch boot files from, or have a gateway to it.',
    why: 'Neither iPXE nor an initrd has another route: the machine stops at its script, its kernel or its root file system.',
    check(site, report) {
      const { nodes = [] } = site;
      // These have reports of their own: missing-gateway and iscsi-unreachable.
      const reported = new Set<Draft<Network>>(unreachableDisks(site).map(({ network }) => network));
      for (const node of nodes) {
        const network = node?.bootNic?.network;
        if (network && node.os === 'harvester' && lacks(network, 'gateway')) reported.add(network);
      }
      for (const { who, network, host, what, at } of fetches(site)) {
        if (reported.has(network) || ipv4Number(host) === undefined) continue;
        const obstacle = obstacleTo(host, network, site);
        if (!obstacle) continue;
        report(selfLocation(network), {
          message: `${who} fetches its ${what} from ${host}, which is not on ${network.name}, ${obstacle.what}: it cannot boot.`,
          related: [{ message: 'the URL is set at', at: at() }],
          help: `${obstacle.help}; or, if the server has an IP address on ${network.name}, set that in the URL`,
        });
      }
    },
  }),
  essential('server-name-needs-dns', {
    what: 'If a URL that machines boot from has a name, the machines must have a DNS server.',
    why: 'Without a DNS server, machines cannot resolve the name of the boot server or of another one, and fetch nothing from it.',
    check(site, report) {
      const { server } = site;
      for (const { network, host, at } of fetches(site)) {
        if (ipv4Number(host) !== undefined) continue;
        // An external DHCP server may send DNS servers that are not in the inventory.
        if (network.dns?.length !== 0 || isBroken(network, 'dns') || network.dhcp?.server === 'external')
          continue;
        const isServer = host === server?.host || host === server?.tls?.host;
        report(selfLocation(network), {
          message: `Machines on ${network.name} cannot resolve ${host}: the network has no DNS servers.`,
          related: [{ message: `the ${isServer ? 'boot server' : 'URL'} is set at`, at: at() }],
          help: `add dns to the network ${network.name}, or set the ${isServer ? 'boot server by its IP address' : 'IP address in the URL'}`,
        });
      }
    },
  }),
];
