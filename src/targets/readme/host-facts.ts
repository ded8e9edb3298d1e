import { isIPv6 } from 'node:net';
import { PROVIDERS } from '../../knowledge/cloud-providers.ts';
import { systemDisk } from '../../plan/boot-order.ts';
import type { Cluster, Exposed, Node, Site } from '../../site/model.ts';
import type { CloudVm } from '../../site/model-host.ts';
import { consoleLog } from '../../tree/paths.ts';
import { urlHost } from '../../values/addresses.ts';
import { watchdogUnit, watchedNodes } from '../systemd/systemd.ts';

/** Returns the README data of a libvirt host. Without a host, there are neither machines nor clusters in it. */
export function hostFacts(site: Site) {
  const { host, server, clusters } = site;
  return {
    // The IP address in the URL is on the machines' network, which other hosts cannot reach.
    // If the host's address is unknown, the operator replaces this name in the commands.
    reach: host ? (host.address ?? 'HOST') : server.host,
    // rsync and ssh write an IPv6 address differently: both accept a name of ssh's configuration.
    alias: isIPv6(host?.address ?? '') ? `harvgen-${site.name}` : undefined,
    isReachKnown: !host || host.address !== undefined,
    cloud:
      host?.cloud && server.secrets !== undefined ? cloudFacts(host.cloud, host.disks.length) : undefined,
    machines: site.nodes.flatMap(machineOf),
    clusters: host ? clusters.map((cluster) => reached(cluster, site)) : [],
    openPorts: openPorts(host?.expose ?? []),
    watchdog: host && watchedNodes(site).length > 0 ? watchdogUnit(site) : undefined,
  };
}

/** Returns the words of the README for a cloud VM, which `tofu` creates from the tree. */
function cloudFacts({ provider }: CloudVm, disks: number) {
  const { title, login } = PROVIDERS[provider];
  const namesDisks = provider === 'aws' && disks > 0;
  return { title, login, namesDisks, sudo: provider === 'digitalocean' ? '' : 'sudo' };
}

function machineOf(node: Node) {
  const { name, mode, domain, facts } = node;
  if (!domain) return [];
  const { vcpus, memory: mebibytes, autostart } = domain;
  const disks = domain.disks.map(({ device, file }, index) => {
    return { size: facts.vm?.disks?.[index]?.size ?? '', device, file };
  });
  const memory = mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
  const system = systemDisk(node)?.file ?? '';
  return { name, mode, vcpus, memory, autostart, system, console: consoleLog(node), disks };
}

/** Returns the ports that other machines can reach. */
function openPorts(expose: readonly Exposed[]): number[] {
  return expose.flatMap(({ port, address }) => (address?.startsWith('127.') ? [] : port));
}

const CLOSED: ReadonlySet<string | undefined> = new Set(['nat', 'isolated']);

function reached({ name, vip, members }: Cluster, { host, clusters }: Site) {
  // Ports on the loopback address are only for the host itself.
  const exposed = (host?.expose ?? []).filter(
    ({ cluster, address }) => cluster.name === name && !address?.startsWith('127.'),
  );
  const api = exposed.find(({ to }) => to === 6443);
  return {
    name,
    vip,
    // The option of the scripts that selects one of several clusters.
    flags: clusters.length > 1 ? ` --cluster ${name}` : '',
    to: exposed.map(({ port, to, address = host?.address }) => {
      // The URL of the dashboard, if the host's address is known.
      const url = address && `https://${urlHost(address)}${port === 443 ? '' : `:${port}`}`;
      return { port, vipPort: to, url: to === 443 ? url : undefined };
    }),
    // Whether only the host can reach the network of the VIP.
    inside: members.every(({ bootNic }) => CLOSED.has(bootNic.network.libvirt?.forward)),
    // Whether people elsewhere reach Kubernetes by one of them.
    api: api !== undefined,
    // Without an address in the inventory, the script cannot know it.
    apiAddress:
      api && (api.address ?? host?.address) === undefined
        ? `${host?.cloud ? '${SERVER#*@}' : 'HOST'}:${api.port}`
        : undefined,
  };
}
