import { grownSize, HOST_ITSELF, imagesOn, memoryOfHost, roomOn } from '../../site/hardware.ts';
import type { Host, HostDisk, LibvirtNetwork, Network, Site } from '../../site/model.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { keyLocationOf, locationOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { listenerPlace, listenersOf } from '../../targets/nginx/served.ts';
import { gibText, wholeGib } from '../../values/size.ts';
import { plainPath } from '../../values/text.ts';
import { error } from '../rule.ts';
import { grouped, overlap } from '../support.ts';
import type { MultiSiteFinding, MultiSiteRule } from './rule.ts';

/** A site that has a libvirt host. */
export type HostedSite = Site & { readonly host: Host };

/**
 * Gives the sites that live on one libvirt host, for each host that has several: those that say the same address of it.
 * Of one whose address is not said nobody knows which host it is.
 */
export function sitesByHost(sites: readonly Site[]): HostedSite[][] {
  const hosted = sites.flatMap((site) => {
    const address = site.host?.address?.toLowerCase();
    return address === undefined ? [] : [[address, site as HostedSite] as const];
  });
  return [...grouped(hosted).values()].filter(({ length }) => length > 1);
}

/** Returns a check of each two sites that live on one libvirt host: the later one, and one before it. */
function perPairOnHost(
  check: (site: HostedSite, other: HostedSite, report: (finding: MultiSiteFinding) => void) => void,
): MultiSiteRule['check'] {
  return (sites, report) => {
    for (const together of sitesByHost(sites))
      for (const [index, site] of together.entries())
        for (const other of together.slice(0, index)) check(site, other, report);
  };
}

/** Gives what tells the boot servers of sites apart: two that have a name in common, of either kind, are one machine. */
export function machinesOf(sites: readonly Site[]): ReadonlyMap<Site, string> {
  const machines = new Map<Site, string>();
  const byName = new Map<string, string>();
  for (const [index, site] of sites.entries()) {
    const names = [site.server.host, site.host?.address].flatMap((name) => name?.toLowerCase() ?? []);
    const known = new Set(names.flatMap((name) => byName.get(name) ?? []));
    const [machine = String(index)] = known;
    // It may tell that two were one all the time.
    for (const [name, other] of byName) if (known.has(other)) byName.set(name, machine);
    for (const [one, other] of machines) if (known.has(other)) machines.set(one, machine);
    for (const name of names) byName.set(name, machine);
    machines.set(site, machine);
  }
  return machines;
}

export const domainInTwoSites = error<MultiSiteRule>('domain-in-two-sites', {
  what: 'Of sites on one libvirt host, no two have a virtual machine of the same name.',
  why: "One domain of a name is all that libvirt takes, and a machine's images are named as it is: it would run from the disks of the other.",
  check: perPairOnHost((site, other, report) => {
    const known = new Map(other.nodes.filter(({ domain }) => domain).map((node) => [node.name, node]));
    for (const node of site.nodes) {
      const same = node.domain && known.get(node.name);
      if (!same) continue;
      report({
        message: `${node.name} of ${site.name} and ${same.name} of ${other.name} are virtual machines of one host: libvirt has one domain of a name.`,
        at: selfLocation(node),
        related: [{ message: 'the other one is defined at', at: selfLocation(same) }],
        help: 'rename one of them',
      });
    }
  }),
});

export const libvirtNetworkInTwoSites = error<MultiSiteRule>('libvirt-network-in-two-sites', {
  what: 'Of sites on one libvirt host, each network that libvirt makes has a name, a bridge and a subnet of its own.',
  why: 'A second network of a name or on a bridge is refused by libvirt, and so is one whose subnet the host has a route to already ("Network is already in use by interface"): the machines of that site would have none.',
  check: perPairOnHost((site, other, report) => {
    for (const one of made(site)) {
      for (const same of made(other)) {
        const fault = faultOf(one, same);
        if (!fault) continue;
        const { what, placeIn, help } = fault;
        report({
          message: `The network ${one.network.name} of ${site.name} and ${same.network.name} of ${other.name} ${what}, on one host: libvirt would refuse the one that comes second.`,
          at: placeIn(one.network),
          related: [{ message: 'the other one is set at', at: placeIn(same.network) }],
          help,
        });
      }
    }
  }),
});

interface Made {
  readonly network: Network;
  readonly libvirt: LibvirtNetwork;
}

function made({ networks }: Site): Made[] {
  return networks.flatMap((network) => (network.libvirt ? [{ network, libvirt: network.libvirt }] : []));
}

function faultOf({ network, libvirt }: Made, other: Made) {
  if (libvirt.name === other.libvirt.name) {
    const what = `are both ${libvirt.name} to libvirt`;
    return { what, placeIn: selfLocation, help: 'rename one of the networks or sites' };
  }
  if (libvirt.bridge === other.libvirt.bridge) {
    const help = 'name a bridge of its own with interface, of at most 15 characters';
    const placeIn = (one: Network) => keyLocationOf(one, 'interface');
    return { what: `have both the bridge ${libvirt.bridge}`, placeIn, help };
  }
  const [own, others] = [network.subnet, other.network.subnet];
  if (libvirt.address === undefined || other.libvirt.address === undefined) return undefined;
  if (!overlap(own, others)) return undefined;
  const what = `have subnets that overlap, ${own.text} and ${others.text}`;
  return {
    what,
    placeIn: (one: Network) => locationOf(one, 'subnet'),
    help: 'give each a subnet of its own',
  };
}

export const hostPortInTwoSites = error<MultiSiteRule>('host-port-in-two-sites', {
  what: "Of sites on one libvirt host, no port of the host is exposed, or has a machine's screen, for two of them, or is where nginx listens for another.",
  why: 'One program listens at a port: the other does not start ("Address already in use"), and what was to be reached there is not, or is the other site\'s.',
  check: perPairOnHost((site, other, report) => {
    for (const one of portsOf(site)) {
      const same = portsOf(other).find(
        ({ port, address, kind }) =>
          port === one.port && isAtOnce(address, one.address) && !(kind === 'nginx' && one.kind === 'nginx'),
      );
      if (!same) continue;
      report({
        message: `Port ${one.port} of the host is ${one.what} of ${site.name}, and ${same.what} of ${other.name}: one program listens there, the other does not start.`,
        at: one.at,
        related: [{ message: `${other.name} has it at`, at: same.at }],
        help: 'choose another port for one of them, or an address of the host for each',
      });
    }
  }),
});

interface Port {
  readonly port: number;
  /** All of the host's where it is not said. */
  readonly address?: string | undefined;
  readonly kind: 'exposed' | 'screen' | 'nginx';
  readonly what: string;
  readonly at: SourceLocation;
}

function portsOf({ host, nodes, server }: HostedSite): Port[] {
  const exposed = host.expose.map((one): Port => {
    const { port, address } = one;
    return { port, address, kind: 'exposed', what: 'exposed for the VIP', at: locationOf(one, 'port') };
  });
  const screens = nodes.flatMap(({ name, domain }): Port[] => {
    const { vnc } = domain ?? {};
    if (vnc?.port === undefined) return [];
    const what = `the screen of ${name}`;
    return [{ port: vnc.port, address: vnc.listen, kind: 'screen', what, at: locationOf(vnc, 'port') }];
  });
  // nginx listens at all addresses, and tells sites apart by the name that they are asked for by.
  const served = listenersOf(server).map((one): Port => {
    const what = 'where nginx serves the tree';
    return { port: one.port, kind: 'nginx', what, at: listenerPlace(server, one) };
  });
  return [...exposed, ...screens, ...served];
}

const ALL = [undefined, '0.0.0.0'];

function isAtOnce(one: string | undefined, other: string | undefined): boolean {
  return one === other || ALL.includes(one) || ALL.includes(other);
}

export const hostDiskInTwoSites = error<MultiSiteRule>('host-disk-in-two-sites', {
  what: 'Sites on one libvirt host that share a data disk of it have it in one place, and different ones in different places.',
  why: 'The disk that is mounted last hides the images of the other site; and `scripts/host-setup.sh` refuses a disk that is mounted elsewhere.',
  check: perPairOnHost((site, other, report) => {
    for (const disk of site.host.disks) {
      for (const same of other.host.disks) {
        const isDevice = plainPath(disk.device) === plainPath(same.device);
        const isMount = plainPath(disk.mount) === plainPath(same.mount);
        if (isDevice === isMount) continue;
        const placeIn = (one: HostDisk) => (isMount ? selfLocation(one) : locationOf(one, 'device'));
        report({
          message: isMount
            ? `${disk.device} of ${site.name} and ${same.device} of ${other.name} are both mounted at ${disk.mount}, on one host: the second hides the images on the first.`
            : `${disk.device} is mounted at ${disk.mount} for ${site.name}, and at ${same.mount} for ${other.name}, on one host: the second that is set up is refused it.`,
          at: placeIn(disk),
          related: [{ message: `${other.name} has it at`, at: placeIn(same) }],
          help: isMount
            ? 'give the disks different names under host.disks, or the sites different host.images'
            : 'give the disk the same name, and the sites the same host.images',
        });
      }
    }
  }),
});

export const hostSharedTooSmall = error<MultiSiteRule>('host-shared-too-small', {
  what: 'A libvirt host that several sites share has memory for the machines of all of them, and its data disks for all their images.',
  why: 'Each site fits by itself, and together they do not: the kernel of the host kills a machine, or QEMU pauses those that write to a disk that is full.',
  check(sites, report) {
    for (const together of sitesByHost(sites)) {
      checkMemory(together, report);
      checkDisks(together, report);
    }
  },
});

function checkMemory(sites: readonly HostedSite[], report: (finding: MultiSiteFinding) => void): void {
  const wanted = (all: readonly HostedSite[]) =>
    all.flatMap(({ nodes }) => nodes).reduce((sum, { domain }) => sum + (domain?.memory ?? 0), HOST_ITSELF);
  const sum = wanted(sites);
  for (const site of sites) {
    const there = memoryOfHost(site.host);
    // Where one is too large by itself, host-too-small says so.
    if (there === undefined || sum <= there || wanted([site]) > there) continue;
    report({
      message: `The machines of ${listed(sites.map(({ name }) => name))} have ${gibText(sum - HOST_ITSELF)} GiB of memory together, and their host has ${site.host.memory}, of which it needs 2 GiB itself: its kernel would kill one of them.`,
      at: locationOf(site.host, 'memory'),
      help: `use a host with at least ${Math.ceil(sum / 1024)}Gi, or another one for one of the sites`,
    });
    return;
  }
}

function checkDisks(sites: readonly HostedSite[], report: (finding: MultiSiteFinding) => void): void {
  // What each site's images take of a disk of the host, once they have grown.
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
      // Where one is too large by itself, host-disk-too-small says so.
      if (!room || total <= room.free || own === total || own > room.free) continue;
      report({
        message: `With the images of ${listed(shares.flatMap(({ site, own: some }) => (some > 0 ? [site] : [])))} what is on ${disk.device} can grow to ${Math.ceil(total / 2 ** 30)} GiB, and a file system on ${room.text} holds ${wholeGib(room.free)} GiB: once it is full, the machines that write to it are paused.`,
        at: locationOf(disk, 'size'),
        help: 'use a larger disk, or another one for one of the sites',
      });
      break;
    }
  }
}
