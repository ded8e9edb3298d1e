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
import { isAtLeast } from '../values/version.ts';
import { error, essential, type Finding, warning } from './rule.ts';
import { grouped, nodesWhose, perCluster } from './support.ts';

const POOL = /(^|\.)pool\.ntp\.org\.?$/i;

/** A DNS or time server on the internet that machines are told of. */
interface AwayServer {
  readonly kind: 'DNS' | 'time';
  readonly server: string;
  readonly at: SourceLocation;
}

type List = readonly (string | undefined)[] | undefined;

/** Returns those of the servers that are on the internet, and on no network of the site. */
function* awayServers(
  { dns = [], ntp = [] }: { readonly dns?: List; readonly ntp?: List },
  { networks = [] }: Draft<Site>,
): Iterable<AwayServer> {
  const isAway = (address: string) =>
    isPublic(address) && !networks.some((one) => one?.subnet && contains(one.subnet, address));
  for (const [index, server] of dns.entries())
    if (server && isAway(server)) yield { kind: 'DNS', server, at: locationOf(dns, index) };
  for (const [index, server] of ntp.entries()) {
    const host = server?.replace(/:\d+$/, '') ?? '';
    if (server && (POOL.test(host) || isAway(host)))
      yield { kind: 'time', server, at: locationOf(ntp, index) };
  }
}

function serversOf({ userConfig }: Draft<Node>) {
  return { dns: userConfig?.os?.dns_nameservers, ntp: userConfig?.os?.ntp_servers };
}

const PUBLIC_MEDIA = /^[a-z]+:\/\/((?:releases\.rancher|(?:[\w-]+\.)*github)\.com)(?![^:/])/i;

export const airGapped = warning('air-gapped', {
  what: 'In a site that is air-gapped, machines need nothing of the internet.',
  why: 'DNS and time servers on the internet never answer there, `github:` keys are not fetched, so that nobody can log in, and an installation from media on the internet stops at its first download.',
  check(site, report) {
    if (!site.airGapped) return;
    const related = [{ message: 'the site is said to be air-gapped at', at: locationOf(site, 'airGapped') }];
    for (const finding of findings(site)) report({ ...finding, related });
  },
});

function* findings(site: Draft<Site>): Iterable<Finding> {
  const { server, networks = [], nodes = [] } = site;
  const media = server?.media?.url?.match(PUBLIC_MEDIA)?.[1];
  if (server && media) {
    yield {
      message: `Machines fetch Harvester from ${media}, and the site is air-gapped: none could be installed.`,
      at: locationOf(server, 'media'),
      help: 'put the files on the boot server, and remove media or name their folder with it',
    };
  }
  for (const network of networks)
    if (network) for (const one of awayServers(network, site)) yield unanswered(one, network);
  for (const node of nodes) {
    if (node?.os !== 'harvester') continue;
    for (const one of awayServers(serversOf(node), site))
      yield { ...unanswered(one, node.bootNic?.network), node };
    for (const finding of ofDownloads(node)) yield { ...finding, node };
  }
}

function unanswered({ kind, server, at }: AwayServer, network: Draft<Network> | undefined): Finding {
  // On a network that libvirt makes, the host tells the time: chrony runs there.
  const clock = kind === 'time' ? network?.libvirt?.address : undefined;
  return {
    message: `The ${kind} server ${server} is on the internet, and the site is air-gapped: it would never answer.`,
    at,
    help: clock
      ? `remove it: machines then ask the host, ${clock}`
      : `name a ${kind} server of the site instead`,
  };
}

function* ofDownloads({ userConfig }: Draft<Node>): Iterable<Finding> {
  const keys = userConfig?.os?.ssh_authorized_keys ?? [];
  for (const [index, key] of keys.entries()) {
    if (!key?.startsWith('github:')) continue;
    yield {
      message: `The SSH key ${key} is fetched from GitHub, and the site is air-gapped: nobody could log in with it.`,
      at: locationOf(keys, index),
      help: 'write the key itself, as it stands in a .pub file',
    };
  }
  const iso = userConfig?.install?.iso_url?.match(PUBLIC_MEDIA)?.[1];
  if (userConfig?.install && iso) {
    yield {
      message: `The ISO is fetched from ${iso}, and the site is air-gapped: the installation would stop.`,
      at: locationOf(userConfig.install, 'iso_url'),
      help: 'remove iso_url: it follows from server.media',
    };
  }
}

export const isolatedAway = warning('isolated-away', {
  what: 'Machines that boot from an isolated network of libvirt are told of no DNS or time server on the internet.',
  why: 'Nothing is forwarded out of such a network: the servers never answer, the clocks of the nodes drift apart, and etcd and certificates suffer from that.',
  check: nodesWhose('bootNic', ({ network }) => network?.libvirt?.forward === 'isolated').eachOnce(
    (node, report, site) => {
      const { network } = node.bootNic;
      // Of a site without any way to the internet air-gapped says the same.
      if (site.airGapped || !network?.libvirt) return;
      const { libvirt } = network;
      for (const list of [network, serversOf(node)]) {
        for (const { kind, server, at } of awayServers(list, site)) {
          report({
            message: `The ${kind} server ${server} is on the internet, and nothing leaves the isolated network ${network.name}, which ${node.name} boots from: it would never answer.`,
            at,
            related: [{ message: 'the network is isolated by', at: keyLocationOf(libvirt, 'forward') }],
            help: `${INSTEAD[kind]}; or let the network out with \`libvirt: {forward: nat}\``,
          });
        }
      }
    },
  ),
});

const INSTEAD = {
  DNS: "name a server that the network reaches, such as the host's address on it",
  time: 'say `air_gapped: true`, with which the host tells the time, and remove it',
} as const;

/** What must be reached without the proxy, and the entry that says so. */
interface Missing {
  readonly what: string;
  readonly entry: string;
  readonly at: SourceLocation | undefined;
}

/** The first release that refuses a proxy whose own noProxy lacks an address of a node. */
const ASKS_FOR_NODES = 'v1.3.1';

export const noProxyIncomplete = error('no-proxy-incomplete', {
  what: "With a proxy in http-proxy, its noProxy covers the nodes, the VIP and the cluster's own subnets.",
  why: 'Else nodes talk to each other through the proxy: the second one goes Unavailable as the third joins (harvester/harvester#3091), and the cluster can no longer be reached (#3172). Harvester adds 10.0.0.0/8, localhost, .svc and .cluster.local by itself.',
  check: perCluster((cluster, report) => {
    const node = createNode(cluster);
    if (!node || !cluster.version || isUnknown(node, 'system_settings.http-proxy')) return;
    const proxy = readProxy(node);
    if (!proxy) return;
    const missing = missingIn(proxy.entries, cluster);
    if (missing.length === 0) return;
    report({
      node,
      message: `The noProxy of http-proxy does not cover ${listed(missing.map(({ what }) => what))}: nodes would reach each other through the proxy, and further ones could not join.`,
      at: proxy.at,
      related: missing.flatMap(({ what, at }) => (at ? [{ message: `${what} is set at`, at }] : [])),
      help: `write noProxy: "${[...proxy.entries, ...entriesFor(missing, cluster)].join(',')}"`,
    });
  }),
});

/** The proxy of a cluster, as far as it is known: the entries of its noProxy, and where to point. */
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
  const forNodes = cluster.version && isAtLeast(cluster.version, ASKS_FOR_NODES) ? entries : all;
  const missing: Missing[] = [];
  const booting = membersOf(cluster).flatMap(({ bootNic }) =>
    bootNic?.network ? [[bootNic.network, bootNic.ip] as const] : [],
  );
  for (const [network, addresses] of grouped(booting)) {
    const { subnet } = network;
    // A list without it would not be the whole one.
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

/** What to add: the VIP needs no entry of its own beside that of the subnet that holds it. */
function entriesFor(missing: readonly Missing[], { vip }: Draft<Cluster>): string[] {
  const added = missing.map(({ entry }) => entry);
  const covers = added.filter((entry) => entry !== vip);
  return vip && isAddressProxyFree(covers, vip) ? covers : added;
}

export const ntpMissing = warning('ntp-missing', {
  what: 'The nodes of a cluster have a time server.',
  why: "Clocks that drift apart break etcd's leases and make certificates invalid before or after their time. The installer proposes a time server in its dialogs only.",
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
      message: `The nodes of ${cluster.name} have no time server: once their clocks differ, etcd and certificates fail.`,
      at: locationOf(cluster, 'name'),
      help: 'add ntp to the network of the nodes, such as `ntp: [192.168.178.1]`, or os.ntp_servers to their configuration',
    });
  }),
});

export const serverNameNeedsDns = essential('server-name-needs-dns', {
  what: 'Where the boot server is known by name, machines have a DNS server to ask.',
  why: 'What machines fetch by the name of the boot server they cannot fetch: they have nobody to ask what it stands for.',
  check({ nodes = [], server }, report) {
    const names = [
      { name: server?.host, at: server && locationOf(server, 'url') },
      { name: server?.tls?.host, at: server?.tls && locationOf(server.tls, 'url') },
    ];
    const named = names.find(({ name }) => name && ipv4Number(name) === undefined);
    if (!named?.at) return;
    for (const network of new Set<Draft<Network>>(nodes.flatMap((node) => node?.bootNic?.network ?? []))) {
      // A DHCP server that is somebody else's may know DNS servers that the inventory does not.
      if (network.dns?.length !== 0 || isBroken(network, 'dns') || network.dhcp?.server === 'external')
        continue;
      report({
        message: `Machines on ${network.name} cannot find ${named.name}: the network has no DNS servers.`,
        at: selfLocation(network),
        related: [{ message: 'the boot server is named at', at: named.at }],
        help: `add dns to the network ${network.name}, or name the boot server by its address`,
      });
    }
  },
});
