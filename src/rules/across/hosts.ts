import { grownSize, HOST_ITSELF, imagesOn, memoryOfHost, roomOn } from '../../plan/host-capacity.ts';
import { listenerLocation, listenersOf } from '../../plan/served.ts';
import type { Host, Network, Site } from '../../site/model.ts';
import type { HostDisk } from '../../site/model-host.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { keyLocationOf, locationOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { grouped } from '../../values/grouped.ts';
import { gibText, wholeGib } from '../../values/size.ts';
import { plainPath } from '../../values/text.ts';
import { isAtOnce, screenOf } from '../machines/vms.ts';
import { error } from '../rule.ts';
import { overlap } from '../support.ts';
import type { MultiSiteReport, MultiSiteRule } from './rule.ts';

/** A site with a libvirt host. */
export type HostedSite = Site & { readonly host: Host };

/**
 * Returns the sites of each libvirt host that has several. Sites have the same host if they set the same address; a host
 * without an address is unknown.
 */
export function sitesByHost(sites: readonly Site[]): HostedSite[][] {
  const hosted = sites.flatMap((site) => {
    const address = site.host?.address?.toLowerCase();
    return address === undefined ? [] : [[address, site as HostedSite] as const];
  });
  return [...grouped(hosted).values()].filter(({ length }) => length > 1);
}

/** Returns a check of each pair of sites on one libvirt host: a site, and an earlier one. */
function perPairOnHost(
  check: (site: HostedSite, other: HostedSite, report: MultiSiteReport) => void,
): MultiSiteRule['check'] {
  return (sites, report) => {
    for (const together of sitesByHost(sites))
      for (const [index, site] of together.entries())
        for (const other of together.slice(0, index)) check(site, other, report);
  };
}

/** Returns a key for the boot server of each site. Sites that share a name of the boot server or of the host share the machine. */
export function machinesOf(sites: readonly Site[]): ReadonlyMap<Site, string> {
  const machines = new Map<Site, string>();
  const byName = new Map<string, string>();
  for (const [index, site] of sites.entries()) {
    const names = [site.server.host, site.host?.address].flatMap((name) => name?.toLowerCase() ?? []);
    const known = new Set(names.flatMap((name) => byName.get(name) ?? []));
    const [machine = String(index)] = known;
    // These names may show that two machines so far are one.
    for (const [name, other] of byName) if (known.has(other)) byName.set(name, machine);
    for (const [one, other] of machines) if (known.has(other)) machines.set(one, machine);
    for (const name of names) byName.set(name, machine);
    machines.set(site, machine);
  }
  return machines;
}

export const hostRules: readonly MultiSiteRule[] = [
  error('domain-in-two-sites', {
    what: 'Sites on one libvirt host must not have virtual machines with the same name.',
    why: 'Names of domains are unique in libvirt, and images have the name of their machine: one machine would run from the disks of the other.',
  }).check(perPairOnHost, (site, other, report) => {
    const known = new Map(other.nodes.filter(({ domain }) => domain).map((node) => [node.name, node]));
    for (const node of site.nodes) {
      const same = node.domain && known.get(node.name);
      if (!same) continue;
      report(selfLocation(node), {
        message: `${node.name} of ${site.name} and ${same.name} of ${other.name} are virtual machines of one host: libvirt has one domain per name.`,
        related: [{ message: 'the other machine is defined at', at: selfLocation(same) }],
        help: 'rename one of the two',
      });
    }
  }),
  error('libvirt-network-in-two-sites', {
    what: 'On a libvirt host of several sites, each network that libvirt creates must have its own name, bridge and subnet.',
    why: 'A second network with the same name or bridge, or with a subnet that the host has a route to, is rejected ("Network is already in use by interface"). The machines of that site then have no network.',
  }).check(perPairOnHost, (site, other, report) => {
    for (const one of site.networks)
      for (const same of other.networks) {
        const conflict = conflictOf(one, same);
        if (!conflict) continue;
        const { what, locationIn, help } = conflict;
        report(locationIn(one), {
          message: `The network ${one.name} of ${site.name} and ${same.name} of ${other.name} ${what}, on one host: libvirt rejects the second one.`,
          related: [{ message: 'the other network is set at', at: locationIn(same) }],
          help,
        });
      }
  }),
  error('host-port-in-two-sites', {
    what: 'Sites on one libvirt host must not share a port of it, except between their nginx servers.',
    why: 'One program listens on a port, and the other does not start ("Address already in use"). Its clients reach nothing, or the other site.',
  }).check(perPairOnHost, (site, other, report) => {
    for (const one of portsOf(site)) {
      const same = portsOf(other).find(
        ({ port, address, isNginx }) =>
          port === one.port && isAtOnce(address, one.address) && !(isNginx && one.isNginx),
      );
      if (!same) continue;
      report(one.at, {
        message: `Port ${one.port} of the host is ${one.what} of ${site.name}, and ${same.what} of ${other.name}: only one program can listen on it.`,
        related: [{ message: `${other.name} sets it at`, at: same.at }],
        help: 'choose another port for one of them, or for each another IP address of the host',
      });
    }
  }),
  error('host-disk-in-two-sites', {
    what: 'Sites on one libvirt host must mount a shared data disk at one path, and different disks at different paths.',
    why: 'The disk that is mounted last hides the images of the other site. `scripts/host-setup.sh` rejects a disk that is mounted elsewhere.',
  }).check(perPairOnHost, (site, other, report) => {
    for (const disk of site.host.disks)
      for (const same of other.host.disks) {
        const isDevice = plainPath(disk.device) === plainPath(same.device);
        const isMount = plainPath(disk.mount) === plainPath(same.mount);
        if (isDevice === isMount) continue;
        const locationIn = (one: HostDisk) => (isMount ? selfLocation(one) : locationOf(one, 'device'));
        report(locationIn(disk), {
          message: isMount
            ? `${disk.device} of ${site.name} and ${same.device} of ${other.name} are both mounted at ${disk.mount}, on one host: the second hides the images on the first.`
            : `${disk.device} is mounted at ${disk.mount} for ${site.name}, and at ${same.mount} for ${other.name}, on one host: the setup of the second site fails.`,
          related: [{ message: `${other.name} sets it at`, at: locationIn(same) }],
          help: isMount
            ? 'use different names under host.disks, or set another host.images for one site'
            : 'use the same name for the disk in both sites, and the same host.images',
        });
      }
  }),
  error('host-shared-too-small', {
    what: 'A libvirt host of several sites must have memory for all their machines, and data disks for all their images.',
    why: 'Each site fits alone, but together they do not: the kernel of the host kills a machine, or QEMU pauses machines that write to a full disk.',
  }).check((sites, report) => {
    for (const together of sitesByHost(sites)) {
      checkMemory(together, report);
      checkDisks(together, report);
    }
  }),
];

function conflictOf({ libvirt, subnet }: Network, { libvirt: others, subnet: other }: Network) {
  if (!libvirt || !others) return undefined;
  if (libvirt.name === others.name)
    return {
      what: `both have the libvirt name ${libvirt.name}`,
      locationIn: selfLocation,
      help: 'rename one of the networks or sites',
    };
  if (libvirt.bridge === others.bridge)
    return {
      what: `both have the bridge ${libvirt.bridge}`,
      locationIn: (network: Network) => keyLocationOf(network, 'interface'),
      help: "set interface to the network's own bridge, a name of at most 15 characters",
    };
  if (libvirt.address === undefined || others.address === undefined || !overlap(subnet, other))
    return undefined;
  return {
    what: `have overlapping subnets, ${subnet.text} and ${other.text}`,
    locationIn: (network: Network) => locationOf(network, 'subnet'),
    help: 'set another subnet for one of the two',
  };
}

interface Port {
  readonly port: number;
  /** The IP address (default: all of the host's). */
  readonly address?: string | undefined;
  readonly isNginx?: boolean;
  readonly what: string;
  readonly at: SourceLocation;
}

function portsOf({ host, nodes, server }: HostedSite): Port[] {
  const exposed = host.expose.map((one) => {
    const { port, address } = one;
    return { port, address, what: 'exposed for the VIP', at: locationOf(one, 'port') };
  });
  const screens = nodes
    .flatMap(screenOf)
    .map(({ node, port, address, at }) => ({ port, address, what: `the screen of ${node}`, at }));
  // nginx listens on all IP addresses, and distinguishes sites by the requested name.
  const served = listenersOf(server).map((listener) => {
    const at = listenerLocation(server, listener);
    return { port: listener.port, isNginx: true, what: 'the nginx port', at };
  });
  return [...exposed, ...screens, ...served];
}

function checkMemory(sites: readonly HostedSite[], report: MultiSiteReport): void {
  const wanted = (all: readonly HostedSite[]) =>
    all.flatMap(({ nodes }) => nodes).reduce((sum, { domain }) => sum + (domain?.memory ?? 0), HOST_ITSELF);
  const sum = wanted(sites);
  for (const site of sites) {
    const available = memoryOfHost(site.host);
    // host-too-small reports a site that alone is too large.
    if (available === undefined || sum <= available || wanted([site]) > available) continue;
    report(locationOf(site.host, 'memory'), {
      message: `The machines of ${listed(sites.map(({ name }) => name))} have ${gibText(sum - HOST_ITSELF)} GiB of memory, but their host has ${site.host.memory} and needs 2 GiB itself: its kernel kills one.`,
      help: `use a host with at least ${Math.ceil(sum / 1024)}Gi, or another host for one of the sites`,
    });
    return;
  }
}

function checkDisks(sites: readonly HostedSite[], report: MultiSiteReport): void {
  // The full-grown size of each site's images on each disk of the host.
  const all = sites.flatMap(({ name, host, nodes }) =>
    host.disks.map((disk) => {
      const own = imagesOn(disk, nodes).reduce((sum, image) => sum + grownSize(image.disk), 0);
      return [plainPath(disk.device), { site: name, disk, own }] as const;
    }),
  );
  for (const shares of grouped(all).values()) {
    const total = shares.reduce((sum, { own }) => sum + own, 0);
    for (const { disk, own } of shares) {
      const room = roomOn(disk);
      // host-disk-too-small reports a site that alone is too large.
      if (!room || total <= room.free || own === total || own > room.free) continue;
      report(locationOf(disk, 'size'), {
        message: `The images of ${listed(shares.flatMap(({ site, own: some }) => (some > 0 ? [site] : [])))} on ${disk.device} can grow to ${Math.ceil(total / 2 ** 30)} GiB, but a file system of ${room.text} holds ${wholeGib(room.free)} GiB: QEMU pauses machines that write to a full disk.`,
        help: 'use a larger disk, or another disk for one of the sites',
      });
      break;
    }
  }
}
