import {
  BUILT_IN_NO_PROXY,
  isAddressProxyFree,
  isProxyFree,
  noProxyEntries,
  parseJsonMap,
} from '../knowledge/config-values.ts';
import { clusterCidrs, createNode, membersOf } from '../site/clusters.ts';
import { isUnknown, timeServers } from '../site/effective.ts';
import type { Cluster, Network, Node, Site } from '../site/model.ts';
import { listed } from '../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, locationOf, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { contains, ipv4Number, isPublic } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { grouped } from '../values/grouped.ts';
import { isAtLeast } from '../values/version.ts';
import { error, essential, type Finding, warning } from './rule.ts';
import { nodesWhose, perCluster } from './support.ts';

const POOL = /(^|\.)pool\.ntp\.org\.?$/i;

/** A DNS or time server on the internet. */
interface PublicServer {
  readonly kind: 'DNS' | 'time';
  readonly server: string;
  readonly at: SourceLocation;
}

type List = readonly (string | undefined)[] | undefined;

/** Yields the servers that are on the internet and not on a network of the site. */
function* publicServers(
  { dns = [], ntp = [] }: { readonly dns?: List; readonly ntp?: List },
  { networks = [] }: Draft<Site>,
): Iterable<PublicServer> {
  const isOutside = (address: string) =>
    isPublic(address) && !networks.some((one) => one?.subnet && contains(one.subnet, address));
  for (const [index, server] of dns.entries())
    if (server && isOutside(server)) yield { kind: 'DNS', server, at: locationOf(dns, index) };
  for (const [index, server] of ntp.entries()) {
    const host = server?.replace(/:\d+$/, '') ?? '';
    if (server && (POOL.test(host) || isOutside(host)))
      yield { kind: 'time', server, at: locationOf(ntp, index) };
  }
}

function serversOf({ userConfig }: Draft<Node>) {
  return { dns: userConfig?.os?.dns_nameservers, ntp: userConfig?.os?.ntp_servers };
}

const PUBLIC_MEDIA = /^[a-z]+:\/\/((?:releases\.rancher|(?:[\w-]+\.)*github)\.com)(?![^:/])/i;

export const airGapped = warning('air-gapped', {
  what: 'Machines of an air-gapped site must not need anything from the internet.',
  why: 'DNS and time servers on the internet never answer, and logins fail because `github:` keys cannot be fetched. An installation from media on the internet stops at its first download.',
  check(site, report) {
    if (!site.airGapped) return;
    const related = [{ message: 'air_gapped is set at', at: locationOf(site, 'airGapped') }];
    for (const finding of findings(site)) report({ ...finding, related });
  },
});

function* findings(site: Draft<Site>): Iterable<Finding> {
  const { server, networks = [], nodes = [] } = site;
  const media = server?.media?.url?.match(PUBLIC_MEDIA)?.[1];
  if (server && media) {
    yield {
      message: `Machines fetch Harvester from ${media}, but the site is air-gapped: none can be installed.`,
      at: locationOf(server, 'media'),
      help: 'copy the files to the boot server, and remove media or set it to their directory',
    };
  }
  for (const network of networks)
    if (network) for (const one of publicServers(network, site)) yield unanswered(one, network);
  for (const node of nodes) {
    if (node?.os !== 'harvester') continue;
    for (const one of publicServers(serversOf(node), site))
      yield { ...unanswered(one, node.bootNic?.network), node };
    for (const finding of ofDownloads(node)) yield { ...finding, node };
  }
}

function unanswered({ kind, server, at }: PublicServer, network: Draft<Network> | undefined): Finding {
  // On a network that libvirt creates, the host is a time server: it runs chrony.
  const clock = kind === 'time' ? network?.libvirt?.address : undefined;
  return {
    message: `The ${kind} server ${server} is on the internet, but the site is air-gapped: it never answers.`,
    at,
    help: clock ? `remove it: machines then use the host, ${clock}` : `set a ${kind} server of the site`,
  };
}

function* ofDownloads({ userConfig }: Draft<Node>): Iterable<Finding> {
  const keys = userConfig?.os?.ssh_authorized_keys ?? [];
  for (const [index, key] of keys.entries()) {
    if (!key?.startsWith('github:')) continue;
    yield {
      message: `The SSH key ${key} is fetched from GitHub, but the site is air-gapped: no user can log in with it.`,
      at: locationOf(keys, index),
      help: 'set the key itself, from its .pub file',
    };
  }
  const iso = userConfig?.install?.iso_url?.match(PUBLIC_MEDIA)?.[1];
  if (userConfig?.install && iso) {
    yield {
      message: `The ISO is fetched from ${iso}, but the site is air-gapped: the installation stops.`,
      at: locationOf(userConfig.install, 'iso_url'),
      help: 'remove iso_url: the default is derived from server.media',
    };
  }
}

export const isolatedAway = warning('isolated-away', {
  what: 'Machines that boot from an isolated libvirt network must not use DNS or time servers on the internet.',
  why: 'Nothing is forwarded out of such a network: the servers never answer, and the clocks of the nodes drift apart, which breaks etcd and certificates.',
  check: nodesWhose('bootNic', ({ network }) => network?.libvirt?.forward === 'isolated').eachOnce(
    (node, report, site) => {
      const { network } = node.bootNic;
      // air-gapped reports the servers of an air-gapped site.
      if (site.airGapped || !network?.libvirt) return;
      const { libvirt } = network;
      for (const list of [network, serversOf(node)]) {
        for (const { kind, server, at } of publicServers(list, site)) {
          report({
            message: `The ${kind} server ${server} is on the internet, but ${node.name} boots from the isolated network ${network.name}: it never answers.`,
            at,
            related: [{ message: 'the network is isolated at', at: keyLocationOf(libvirt, 'forward') }],
            help: `${INSTEAD[kind]}; or forward the network: \`libvirt: {forward: nat}\``,
          });
        }
      }
    },
  ),
});

const INSTEAD = {
  DNS: "set a server that the network reaches, such as the host's IP address on it",
  time: 'set `air_gapped: true`, with which the host is the time server, and remove it',
} as const;

/** A destination that must be reached without the proxy, and its entry in noProxy. */
interface Missing {
  readonly what: string;
  readonly entry: string;
  readonly at: SourceLocation | undefined;
}

/** The first release that rejects a proxy whose own noProxy lacks the IP address of a node. */
const FIRST_RELEASE_CHECKING_NODES = 'v1.3.1';

export const noProxyIncomplete = error('no-proxy-incomplete', {
  what: "The noProxy of http-proxy must contain the nodes, the VIP and the cluster's own subnets.",
  why: 'Otherwise, nodes connect to each other through the proxy: the second becomes Unavailable when the third joins (harvester/harvester#3091), and the cluster is unreachable (#3172). Harvester itself adds 10.0.0.0/8, localhost, .svc and .cluster.local.',
  check: perCluster((cluster, report) => {
    const node = createNode(cluster);
    if (!node || !cluster.version || isUnknown(node, 'system_settings.http-proxy')) return;
    const proxy = readProxy(node);
    if (!proxy) return;
    const missing = missingIn(proxy.entries, cluster);
    if (missing.length === 0) return;
    report({
      node,
      message: `The noProxy of http-proxy does not contain ${listed(missing.map(({ what }) => what))}: nodes connect through the proxy, and further nodes cannot join.`,
      at: proxy.at,
      related: missing.flatMap(({ what, at }) => (at ? [{ message: `${what} is set at`, at }] : [])),
      help: `set noProxy: "${[...proxy.entries, ...entriesFor(missing, cluster)].join(',')}"`,
    });
  }),
});

/** Returns the entries of noProxy of a cluster's proxy, and the location to report; undefined without a known proxy. */
function readProxy({ userConfig }: Draft<Node>): { entries: string[]; at: SourceLocation } | undefined {
  const settings = userConfig?.system_settings;
  const setting = settings?.['http-proxy'];
  const proxy = typeof setting === 'string' ? parseJsonMap(setting) : setting;
  if (!settings || !setting || !proxy || !(proxy.httpProxy || proxy.httpsProxy)) return undefined;
  const noProxy = proxy.noProxy ?? '';
  if (typeof noProxy !== 'string' || noProxy.includes('${secret:')) return undefined;
  const entries = noProxyEntries(noProxy);
  const known = typeof setting !== 'string' && setting.noProxy !== undefined;
  const at = known ? locationOf(setting, 'noProxy') : keyLocationOf(settings, 'http-proxy');
  return { entries, at: typeof setting === 'string' ? locationOf(settings, 'http-proxy') : at };
}

function missingIn(entries: readonly string[], cluster: Draft<Cluster>): Missing[] {
  const all = [...entries, ...BUILT_IN_NO_PROXY];
  const forNodes =
    cluster.version && isAtLeast(cluster.version, FIRST_RELEASE_CHECKING_NODES) ? entries : all;
  const missing: Missing[] = [];
  const booting = membersOf(cluster).flatMap(({ bootNic }) =>
    bootNic?.network ? [[bootNic.network, bootNic.ip] as const] : [],
  );
  for (const [network, addresses] of grouped(booting)) {
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

export const ntpMissing = warning('ntp-missing', {
  what: 'The nodes of a cluster must have a time server.',
  why: "Clocks that drift apart break etcd's leases, and make certificates invalid too early or too late. The installer suggests a time server only in its dialogs.",
  check: perCluster((cluster, report, site) => {
    const members = membersOf(cluster);
    if (isBroken(site, 'nodes') || members.length === 0) return;
    if (members.some((node) => timeServers(node)?.length !== 0)) return;
    const bySetting = members.some(
      (node) =>
        node.userConfig?.system_settings?.['ntp-servers'] !== undefined ||
        isUnknown(node, 'system_settings.ntp-servers'),
    );
    if (bySetting) return;
    report({
      message: `The nodes of ${cluster.name} have no time server: when their clocks differ, etcd and certificates fail.`,
      at: locationOf(cluster, 'name'),
      help: 'add ntp to the network of the nodes, such as `ntp: [192.168.178.1]`, or os.ntp_servers to their configuration',
    });
  }),
});

export const serverNameNeedsDns = essential('server-name-needs-dns', {
  what: 'If the boot server has a name, its machines must have a DNS server.',
  why: 'Without a DNS server, machines cannot resolve the name of the boot server, and fetch nothing from it.',
  check({ nodes = [], server }, report) {
    const names = [
      { name: server?.host, at: server && locationOf(server, 'url') },
      { name: server?.tls?.host, at: server?.tls && locationOf(server.tls, 'url') },
    ];
    const named = names.find(({ name }) => name && ipv4Number(name) === undefined);
    if (!named?.at) return;
    for (const network of new Set<Draft<Network>>(nodes.flatMap((node) => node?.bootNic?.network ?? []))) {
      // An external DHCP server may send DNS servers that are not in the inventory.
      if (network.dns?.length !== 0 || isBroken(network, 'dns') || network.dhcp?.server === 'external')
        continue;
      report({
        message: `Machines on ${network.name} cannot resolve ${named.name}: the network has no DNS servers.`,
        at: selfLocation(network),
        related: [{ message: 'the boot server is set at', at: named.at }],
        help: `add dns to the network ${network.name}, or set the boot server by its IP address`,
      });
    }
  },
});
