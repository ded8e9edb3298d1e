import {
  BUILT_IN_NO_PROXY,
  isAddressProxyFree,
  isProxyFree,
  noProxyEntries,
  parseJsonMap,
} from '../../knowledge/config-values.ts';
import { isPublicHost } from '../../knowledge/known-values.ts';
import {
  type BootRequest,
  bootRequests,
  cloudInitRequests,
  configRequests,
  type LaterRequest,
  linuxRequests,
  type ManifestRequest,
  manifestRequests,
} from '../../plan/requests.ts';
import { clusterCidrs, createNode, membersOf } from '../../site/clusters.ts';
import { effective, isUnknown, timeServers } from '../../site/effective.ts';
import { isoNetwork, managementNetwork } from '../../site/management.ts';
import type { Cluster, Network, Nic, Node, Site } from '../../site/model.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { safeFix, setKey } from '../../source/text-edit/fix.ts';
import { contains, ipv4Number, isPublic } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped } from '../../values/grouped.ts';
import { onceFor } from '../../values/once-for.ts';
import { hostOfUrl, shownUrl } from '../../values/urls.ts';
import { isAtLeast } from '../../values/version.ts';
import { unreachableDisks } from '../disks/iscsi.ts';
import { error, essential, type LocatedFinding, nodesWith, per, warning } from '../rule.ts';
import { obstacleTo } from '../support.ts';

/** A DNS or time server on the internet. */
type PublicServer = { readonly kind: 'DNS' | 'time'; readonly server: string; readonly at: SourceLocation };
type Servers = Readonly<Partial<Record<'dns' | 'ntp', readonly (string | undefined)[] | undefined>>>;

function isOutside(address: string, { networks = [] }: Draft<Site>): boolean {
  return (
    isPublic(address) && !networks.some((network) => network?.subnet && contains(network.subnet, address))
  );
}

/** Yields the servers that are on the internet and not on a network of the site. */
function* publicServers({ dns = [], ntp = [] }: Servers, site: Draft<Site>): Iterable<PublicServer> {
  for (const [index, server] of dns.entries())
    if (server && isOutside(server, site)) yield { kind: 'DNS', server, at: locationOf(dns, index) };
  for (const [index, server] of ntp.entries()) {
    const host = server?.replace(/:\d+$/, '') ?? '';
    if (server && (/(^|\.)pool\.ntp\.org\.?$/i.test(host) || isOutside(host, site)))
      yield { kind: 'time', server, at: locationOf(ntp, index) };
  }
}

function serversOf({ userConfig }: Draft<Node>): Servers {
  return { dns: userConfig?.os?.dns_nameservers, ntp: userConfig?.os?.ntp_servers };
}

const OF_IMAGES = ['no machine boots it', 'copy it to server.images, and set its path'] as const;

/** Each request in words, the effect without an answer, and the help. TEXT is the key or setting. */
const REQUESTED: Readonly<Record<AnyRequest['kind'], readonly [string, string, string]>> = {
  script: ['Machines fetch their scripts from', 'none can boot', 'set a server of the site in server.url'],
  installer: [
    'Machines fetch Harvester from',
    'none can be installed',
    'copy the files to the boot server, and remove media or set it to their directory',
  ],
  kernel: ['A kernel is fetched from', ...OF_IMAGES],
  initrd: ['An initrd is fetched from', ...OF_IMAGES],
  'root file system': ['A root file system is fetched from', ...OF_IMAGES],
  configuration: [
    'Configurations are fetched from',
    'machines get none',
    'set a server of the site in tls.url',
  ],
  argument: ['The argument TEXT refers to', 'nothing answers', 'set a server of the site, or remove it'],
  ISO: [
    'The ISO is fetched from',
    'the installation stops',
    'remove iso_url: the default is derived from server.media',
  ],
  'ssh-keys': [
    'The SSH key TEXT is fetched from',
    'no user can log in with it',
    'set the key itself, from its .pub file',
  ],
  command: ['A command fetches from', 'it fails', 'fetch from a server of the site, or remove the command'],
  'VM image': [
    'The VM image TEXT is downloaded from',
    'no VM can use it',
    'copy it to server.images, and write `"${site:server.images}/FILE"`',
  ],
  release: [
    'The ISO of TEXT is downloaded from',
    'the upgrade cannot begin',
    'copy it to server.media, and write `"${site:server.media}/VERSION/FILE"`',
  ],
  webhook: ['A webhook is sent to', 'it never arrives', 'send it to a server of the site, or remove it'],
  setting: [
    'The setting TEXT refers to',
    'nothing answers',
    'set a server of the site, or remove the setting',
  ],
};

const ACCOUNTS: Readonly<Record<string, string>> = { 'github.com': 'GitHub', 'gitlab.com': 'GitLab' };

const INSTEAD = {
  DNS: "set a server that the network reaches, such as the host's IP address on it",
  time: 'set `air_gapped: true`, with which the host is the time server, and remove it',
} as const;

/** The first release that rejects a proxy whose own noProxy lacks the IP address of a node. */
const FIRST_RELEASE_CHECKING_NODES = 'v1.3.1';

export const internetAccessRules = [
  warning('air-gapped', {
    what: 'Machines of an air-gapped site must not need anything from the internet.',
    why: 'DNS and time servers on the internet never answer, and logins fail because `github:` keys cannot be fetched. An installation from media on the internet stops at its first download. Only public IP addresses and known public names are detected.',
  }).check((site, report) => {
    if (!site.airGapped) return;
    const related = [{ message: 'air_gapped is set at', at: locationOf(site, 'airGapped') }];
    for (const { at, ...finding } of findings(site)) report(at, { ...finding, related });
  }),
  warning('isolated-away', {
    what: 'Machines that boot from an isolated libvirt network must not use DNS or time servers on the internet.',
    why: 'Nothing is forwarded out of such a network: the servers never answer, and the clocks of the nodes drift apart, which breaks etcd and certificates.',
  }).check(nodesWith('bootNic', isIsolated).eachOnce, (node, report, site) => {
    const { network } = node.bootNic;
    // air-gapped reports the servers of an air-gapped site.
    if (site.airGapped || !network?.libvirt) return;
    for (const servers of [network, serversOf(node)])
      for (const { kind, server, at } of publicServers(servers, site))
        report(at, {
          message: `The ${kind} server ${server} is on the internet, but ${node.name} boots from the isolated network ${network.name}: it never answers.`,
          related: [{ message: 'the network is isolated at', at: keyLocationOf(network.libvirt, 'forward') }],
          help: `${INSTEAD[kind]}; or forward the network: \`libvirt: {forward: nat}\``,
        });
  }),
  error('no-proxy-incomplete', {
    what: "The noProxy of http-proxy must contain the nodes, the VIP and the cluster's own subnets.",
    why: 'Otherwise, nodes connect to each other through the proxy: the second becomes Unavailable when the third joins (harvester/harvester#3091), and the cluster is unreachable (#3172). Harvester itself adds 10.0.0.0/8, localhost, .svc and .cluster.local.',
  }).check(per.cluster, (cluster, report) => {
    const node = createNode(cluster);
    if (!node || !cluster.version || isUnknown(node, 'system_settings.http-proxy')) return;
    const proxy = readProxy(node);
    if (!proxy) return;
    const missing = missingIn(proxy.entries, cluster);
    if (missing.length === 0) return;
    const entries = [...proxy.entries, ...entriesFor(missing, cluster)].join(',');
    report(proxy.at, {
      node,
      message: `The noProxy of http-proxy does not contain ${listed(missing.map(({ what }) => what))}: nodes connect through the proxy, and further nodes cannot join.`,
      related: missing.flatMap(({ what, at }) => (at ? [{ message: `${what} is set at`, at }] : [])),
      help: `set noProxy: "${entries}"`,
      fix: proxy.map && safeFix(setKey(proxy.map, 'noProxy', entries)),
      suitsOthers: true,
    });
  }),
  warning('ntp-missing', {
    what: 'The nodes of a cluster must have a time server.',
    why: "Clocks that drift apart break etcd's leases, and make certificates invalid too early or too late. The installer suggests a time server only in its dialogs.",
  }).check(per.cluster, (cluster, report, site) => {
    const members = membersOf(cluster);
    if (isBroken(site, 'nodes') || members.length === 0) return;
    if (members.some((node) => timeServers(node)?.length !== 0)) return;
    const isSet = (node: Draft<Node>) =>
      node.userConfig?.system_settings?.['ntp-servers'] !== undefined ||
      isUnknown(node, 'system_settings.ntp-servers');
    if (members.some(isSet)) return;
    report(locationOf(cluster, 'name'), {
      message: `The nodes of ${cluster.name} have no time server: when their clocks differ, etcd and certificates fail.`,
      help: 'add ntp to the network of the nodes, such as `ntp: [192.168.178.1]`, or os.ntp_servers to their configuration',
    });
  }),
];

type AnyRequest = BootRequest | LaterRequest | ManifestRequest;

function isIsolated({ network }: Draft<Nic>): boolean {
  return network?.libvirt?.forward === 'isolated';
}

function* findings(site: Draft<Site>): Iterable<LocatedFinding> {
  const { server, networks = [], nodes = [], unknownMachines = [] } = site;
  const away = function* (requests: Iterable<AnyRequest>): Iterable<LocatedFinding> {
    for (const request of requests) {
      const host = hostOfUrl(request.url);
      if (host !== undefined && (isPublicHost(host) || isOutside(host, site)))
        yield withoutAnswer(request, host);
    }
  };
  for (const network of networks)
    if (network) for (const server of publicServers(network, site)) yield unanswered(server, network);
  for (const linux of unknownMachines) if (linux) yield* away(linuxRequests(linux));
  yield* away(manifestRequests(site));
  for (const node of nodes) {
    if (!node) continue;
    const config = node.os === 'harvester' ? node.userConfig : undefined;
    const servers = config ? [...publicServers(serversOf(node), site)] : [];
    const requests = [
      ...bootRequests(node, server),
      ...(config ? configRequests(config) : []),
      ...(node.cloudInit ? cloudInitRequests(node.cloudInit) : []),
    ];
    const silentServers = servers.map((server) => unanswered(server, managementNetwork(node)));
    for (const finding of [...silentServers, ...away(requests)]) yield { ...finding, node };
  }
}

function unanswered({ kind, server, at }: PublicServer, network: Draft<Network> | undefined): LocatedFinding {
  // On a network that libvirt creates, the host is a time server: it runs chrony.
  const clock = kind === 'time' ? network?.libvirt?.address : undefined;
  return {
    message: `The ${kind} server ${server} is on the internet, but the site is air-gapped: it never answers.`,
    at,
    help: clock ? `remove it: machines then use the host, ${clock}` : `set a ${kind} server of the site`,
  };
}

function withoutAnswer(request: AnyRequest, host: string): LocatedFinding {
  const [what, effect, help] = REQUESTED[request.kind];
  const text = 'text' in request ? shownUrl(request.text) : '';
  const from = (request.kind === 'ssh-keys' && ACCOUNTS[host]) || host;
  const subject = what.replace('TEXT', () => text);
  return { message: `${subject} ${from}, but the site is air-gapped: ${effect}.`, at: request.at(), help };
}

/** A destination that must be reached without the proxy, and its entry in noProxy. */
type Missing = { readonly what: string; readonly entry: string; readonly at: SourceLocation | undefined };

/** Returns the entries of a known proxy's noProxy, the location to report, and the map of the proxy unless it is JSON. */
function readProxy({ userConfig }: Draft<Node>) {
  const settings = userConfig?.system_settings;
  const setting = settings?.['http-proxy'];
  const proxy = typeof setting === 'string' ? parseJsonMap(setting) : setting;
  if (!settings || !setting || !proxy || !(proxy.httpProxy || proxy.httpsProxy)) return undefined;
  const noProxy = proxy.noProxy ?? '';
  if (typeof noProxy !== 'string' || noProxy.includes('${secret:')) return undefined;
  const entries = noProxyEntries(noProxy);
  if (typeof setting === 'string') return { entries, at: locationOf(settings, 'http-proxy') };
  const isSet = setting.noProxy !== undefined;
  const at = isSet ? locationOf(setting, 'noProxy') : keyLocationOf(settings, 'http-proxy');
  return { entries, at, map: setting };
}

function missingIn(entries: readonly string[], cluster: Draft<Cluster>): Missing[] {
  const all = [...entries, ...BUILT_IN_NO_PROXY];
  const checksNodes = cluster.version && isAtLeast(cluster.version, FIRST_RELEASE_CHECKING_NODES);
  const forNodes = checksNodes ? entries : all;
  const missing: Missing[] = [];
  const managed = membersOf(cluster).flatMap((node) => {
    const network = managementNetwork(node);
    return network ? [[network, node.ip] as const] : [];
  });
  for (const [network, addresses] of grouped(managed)) {
    const { subnet } = network;
    // Without the subnet, the list of missing entries would be incomplete.
    if (!subnet) return [];
    if (isProxyFree(forNodes, subnet)) continue;
    if (addresses.every((address) => !address || isAddressProxyFree(forNodes, address))) continue;
    const what = `the subnet ${subnet.text} of the nodes`;
    missing.push({ what, entry: subnet.text, at: locationOf(network, 'subnet') });
  }
  const { vip } = cluster;
  if (vip && !isAddressProxyFree(all, vip))
    missing.push({ what: `the VIP ${vip}`, entry: vip, at: locationOf(cluster, 'vip') });
  for (const { of, cidr, at } of clusterCidrs(cluster))
    if (!isProxyFree(all, cidr)) missing.push({ what: `the ${of} CIDR ${cidr.text}`, entry: cidr.text, at });
  return missing;
}

/** Returns the entries to add: the VIP needs no entry if an added subnet contains it. */
function entriesFor(missing: readonly Missing[], { vip }: Draft<Cluster>): string[] {
  const added = missing.map(({ entry }) => entry);
  const covers = added.filter((entry) => entry !== vip);
  return vip && isAddressProxyFree(covers, vip) ? covers : added;
}

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
    const later = isoNetwork(node);
    const iso = effective(node, 'install.iso_url');
    // The ISO of the installer that has left the network that it booted from.
    if (later && later !== network && typeof iso?.value === 'string')
      add(node.name, later, [{ kind: 'ISO', url: iso.value, at: () => iso.at }]);
  }
  for (const network of networks)
    for (const one of network?.dhcp?.pool ? unknownMachines : [])
      if (network && one) add('An unknown machine', network, linuxRequests(one), one.args);
  return [...found.values()];
});

export const routeRules = [
  error('url-unreachable', {
    what: 'Machines must be on the network of each server that they fetch boot files from, or have a gateway to it.',
    why: 'Neither iPXE nor an initrd has another route: the machine stops at its script, its kernel or its root file system.',
  }).check((site, report) => {
    const { nodes = [] } = site;
    // These have reports of their own: missing-gateway and iscsi-unreachable.
    const reported = new Set<Draft<Network>>(unreachableDisks(site).map(({ network }) => network));
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      if (
        network &&
        node.os === 'harvester' &&
        lacks(network, 'gateway') &&
        network === managementNetwork(node)
      )
        reported.add(network);
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
  }),
  essential('server-name-needs-dns', {
    what: 'If a URL that machines boot from has a name, the machines must have a DNS server.',
    why: 'Without a DNS server, machines cannot resolve the name of the boot server or of another one, and fetch nothing from it.',
  }).check((site, report) => {
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
  }),
];
