import { isUnstableName, leastSize, otherThanDisk } from '../../site/disks.ts';
import type { Image } from '../../site/hardware.ts';
import {
  diskFor,
  grownSize,
  HOST_ITSELF,
  imagesOn,
  memoryOfHost,
  offHost,
  type Room,
  roomOn,
} from '../../site/hardware.ts';
import type { Node, Site } from '../../site/model.ts';
import type { HostDisk } from '../../site/model-host.ts';
import { listed, namesOf } from '../../source/diagnostics/words.ts';
import {
  hasLocation,
  isBroken,
  keyLocationOf,
  lacks,
  locationOf,
  selfLocation,
} from '../../source/origin.ts';
import { locationKey } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';
import { groupedBy } from '../../values/grouped.ts';
import { gibText, wholeGib } from '../../values/size.ts';
import { plainPath } from '../../values/text.ts';
import { error, essential, type Rule, warning } from '../rule.ts';
import { perItem, perNetwork, repeats } from '../support.ts';

const STABLE_VOLUME = /^\/dev\/(md\/|mapper\/|disk\/by-id\/(md|dm|lvm)-(?!.*-part\d+$))/;
const NUMBERED = /^\/dev\/(md|dm-|loop)\d/;

export const hostRules: readonly Rule[] = [
  warning('host-without-domains', {
    what: 'A site with a host must have virtual machines on it.',
    why: 'A node without `vm` is a separate machine without a domain: the host runs nothing.',
    check(site, report) {
      const { host, nodes = [] } = site;
      if (!host || isBroken(site, 'nodes')) return;
      // machine-off-host reports machines on a network that exists only on the host.
      if (offHost(site).size > 0) return;
      if (!nodes.every((node) => node?.facts && lacks(node.facts, 'vm'))) return;
      report(selfLocation(host), {
        message: 'The site has a host, but none of its nodes is a virtual machine: the host runs nothing.',
        help: 'add `vm` to the nodes, such as `vm: {preset: small, disks: [{size: 300Gi}]}` in defaults; or remove host',
      });
    },
  }),
  error('host-two-architectures', {
    what: 'All virtual machines of a host with KVM must have the same architecture.',
    why: 'KVM runs only instructions of the CPU of the host: libvirt rejects machines with another architecture.',
    check({ host, nodes = [] }, report) {
      if (host?.domainType !== 'kvm') return;
      const [first, ...others] = nodes.filter((node) => node?.domain && node.arch);
      const other = others.find((node) => node?.arch !== first?.arch);
      if (!first || !other) return;
      report(archLocation(other), {
        message: `${first.name} is an ${first.arch} machine and ${other.name} an ${other.arch} machine, but their host has one architecture: libvirt rejects one of them.`,
        related: [{ message: `the architecture of ${first.name} is from`, at: archLocation(first) }],
        help: 'set the same arch for all of them, or move some to another host; or set `domain_type: qemu`, which emulates the CPU and is slow',
      });
    },
  }),
  error('host-too-small', {
    what: 'The host must have memory for all machines plus 2 GiB, and as many threads as each machine has CPUs.',
    why: 'Without memory, the out-of-memory killer of the host kills the largest machine, a node of the cluster. CPUs without a thread wait for each other, and etcd loses its leader.',
    check({ host, nodes = [] }, report) {
      const available = host && memoryOfHost(host);
      const sizes = nodes.flatMap((node) => node?.domain?.memory ?? []);
      const wanted = sizes.reduce((sum, size) => sum + size, 0);
      if (host && available !== undefined && wanted + HOST_ITSELF > available)
        report(locationOf(host, 'memory'), {
          message: `The machines have ${gibText(wanted)} GiB of memory (${counted(sizes)}), but the host has ${host.memory} and needs 2 GiB itself: its kernel kills one.`,
          help: `use a host with at least ${Math.ceil((wanted + HOST_ITSELF) / 1024)}Gi; or set less memory, or fewer virtual machines`,
        });
      const { threads = Infinity } = host ?? {};
      for (const node of nodes) {
        const { domain } = node ?? {};
        if (!host || !node || domain?.vcpus === undefined || domain.vcpus <= threads) continue;
        report(locationOf(domain, 'vcpus'), {
          node,
          dedupe: true,
          message: `The machine has ${domain.vcpus} CPUs, but the host has ${threads} threads: the CPUs wait for each other.`,
          related: [{ message: 'the threads of the host are declared at', at: locationOf(host, 'threads') }],
          help: `set at most ${threads} vcpus, or use a larger host`,
        });
      }
    },
  }),
  warning('host-overcommitted', {
    what: 'All machines of a host together must not have more CPUs than the host has threads.',
    why: 'If all machines are busy at once, as during installation, they wait for threads and are slow. The members of etcd expect heartbeats ten times a second, and change their leader repeatedly ("Tuning" in its documentation).',
    check({ host, nodes = [] }, report) {
      const { threads } = host ?? {};
      if (!host || threads === undefined) return;
      const all = nodes.flatMap((node) => node?.domain?.vcpus ?? []);
      const sum = all.reduce((total, vcpus) => total + vcpus, 0);
      // host-too-small reports a machine that alone has more CPUs.
      if (sum <= threads || all.some((vcpus) => vcpus > threads)) return;
      report(locationOf(host, 'threads'), {
        message: `The ${all.length} machines have ${sum} CPUs, but the host has ${threads} threads: busy machines wait for threads.`,
        help: 'set fewer vcpus, or use a larger host; or, for slow tests, add silence: {host-overcommitted: "the reason"}',
      });
    },
  }),
  error('host-disk-name', {
    what: 'Data disks of the host must be whole disks or volumes with persistent names: below /dev/disk/by-id, /dev/disk/by-path or /dev/mapper.',
    why: 'The kernel numbers disks at each boot, and a provider attaches them in any order: the wrong blank disk can be formatted, or hold the images.',
    check: perItem(disksOf, (disk, report) => {
      const error = disk.device === undefined ? undefined : nameError(disk.device);
      if (!error) return;
      report(locationOf(disk, 'device'), {
        message: `The host's disk ${disk.name} is ${disk.device}, ${error}.`,
        help: 'set the name of the whole disk below /dev/disk/by-id or /dev/disk/by-path: run `ls -l /dev/disk/by-*` on the host',
      });
    }),
  }),
  error('host-disk-twice', {
    what: 'Data disks of the host must not share a device.',
    why: 'The space of a disk with two names counts twice: the disk is full when the machines have written half of their space, and QEMU pauses them.',
    check(site, report) {
      const deviceOf = ({ device }: Draft<HostDisk>) =>
        device === undefined ? undefined : plainPath(device);
      for (const { one, first } of repeats(disksOf(site), deviceOf)) {
        report(locationOf(one, 'device'), {
          message: `The host's disks ${one.name} and ${first.name} are the same device, ${one.device}: its space would count twice.`,
          related: [{ message: `${first.name} sets it at`, at: locationOf(first, 'device') }],
          help: `set another device, or move the images to ${first.name}`,
        });
      }
    },
  }),
  error('host-disk-too-small', {
    what: 'A data disk of the host must have space for its full-grown images and its file system.',
    why: 'Images grow as machines write; raw images are sparse, too. On a full disk, QEMU pauses every machine that writes, until there is space again (rancher/harvester-cloud#173; `werror` in its documentation).',
    check: perItem(disksOf, (disk, report, { nodes = [] }) => {
      const room = roomOn(disk);
      if (!room) return;
      const images = imagesOn(disk, nodes);
      const grown = images.reduce((sum, image) => sum + grownSize(image.disk), 0);
      if (grown <= room.free) return;
      const sizes = new Map(
        images.map((image) => locationOf(image.disk, 'size')).map((at) => [locationKey(at), at]),
      );
      report(locationOf(disk, 'size'), {
        message: `The ${images.length === 1 ? 'image' : `${images.length} images`} on ${disk.name} can grow to ${Math.ceil(grown / 2 ** 30)} GiB, but a file system of ${room.text} holds ${wholeGib(room.free)} GiB: QEMU pauses machines that write to a full disk.`,
        related: [...sizes.values()].map((at) => ({ message: 'the size of images on it is set at', at })),
        help: [largerDisk(disk, room, grown), ...smallerImages(images, room)].join('; or '),
      });
    }),
  }),
  error('libvirt-without-host', {
    what: 'A site with a network that libvirt creates must have a host.',
    why: 'The scripts that define and start the network run on the host. Without a host, there is no such network and no DHCP server on it, and its machines never boot.',
    check: perNetwork((network, report, site) => {
      if (!lacks(site, 'host') || !network.libvirt) return;
      const { dhcp } = network;
      report(dhcp?.server === 'libvirt' ? keyLocationOf(dhcp, 'server') : keyLocationOf(network, 'libvirt'), {
        message: `The network ${network.name} is created by libvirt, but the site has no host: it never exists.`,
        help: 'set the host of the virtual machines: `host: {address: …}`; or, for an existing network, set `dhcp: {server: external}` and remove libvirt',
      });
    }),
  }),
  essential('machine-off-host', {
    what: 'Every machine on a network that libvirt creates must be a virtual machine of the host.',
    why: "The network is a bridge of the host without any of the host's own NICs: another machine is never on it, gets no IP address and fetches nothing.",
    check(site, report) {
      for (const [network, nodes] of offHost(site)) {
        const [first, another] = nodes;
        if (!first) continue;
        report(locationOf(first, 'name'), {
          message: `${namesOf(nodes)} ${another ? 'are not virtual machines' : 'is not a virtual machine'}, but libvirt creates the network ${network.name}: it exists only on the host.`,
          related: [{ message: 'the network is defined at', at: selfLocation(network) }],
          help: `add vm to ${another ? 'them' : 'it'}, such as \`vm: {preset: small, disks: [{size: 300Gi}]}\`; or use a network on a bridge of the host, with interface, which virtual machines can use, too`,
        });
      }
    },
  }),
];

/** Returns the location of a machine's architecture: in its cluster or, without the key there, the machine itself. */
function archLocation(node: Draft<Node>) {
  const { cluster } = node;
  return cluster && hasLocation(cluster, 'arch') ? locationOf(cluster, 'arch') : selfLocation(node);
}

/** Returns sizes in words, such as "2 of 32 GiB and 1 of 64 GiB". */
function counted(sizes: readonly number[]): string {
  const bySize = groupedBy(sizes, (size) => size);
  return listed([...bySize].map(([size, { length }]) => `${length} of ${gibText(size)} GiB`));
}

function disksOf({ host }: Draft<Site>) {
  return host?.disks ?? [];
}

/** Returns the error of a data disk's name, or undefined. RAIDs and volumes with persistent names are accepted. */
function nameError(device: string): string | undefined {
  if (isUnstableName(device)) return 'a name that the kernel can assign to any disk at each boot';
  const [what, path] = [otherThanDisk(device), plainPath(device)];
  if (!what || STABLE_VOLUME.test(path)) return undefined;
  return NUMBERED.test(path) ? `${what} that the kernel numbers at each boot` : `${what}, not a whole disk`;
}

function largerDisk({ filesystem = 'ext4' }: Draft<HostDisk>, { text }: Room, grown: number): string {
  const needed = diskFor(grown, filesystem);
  const size = text.includes('i') ? `${Math.ceil(needed / 2 ** 30)}Gi` : `${Math.ceil(needed / 1e9)}GB`;
  return `use a disk of at least ${size}`;
}

/** Returns the size at which all images fit, if they have the same size. */
function smallerImages(images: readonly Image[], { free }: Room): string[] {
  const sizes = new Set(images.map(({ disk }) => disk.size));
  // One percent is more than the tables of a qcow2 image need.
  const each = Math.floor((free * 0.99) / images.length / 2 ** 30);
  // disk-too-small and vm-below-minimum would reject a smaller image.
  const least = Math.max(1, ...images.map(({ node, disk }) => leastSize(node, disk)));
  if (sizes.size !== 1 || each < least) return [];
  return [`set at most ${each}Gi for ${images.length === 1 ? 'the image' : 'each image'}`];
}
