import { isUnstableName, otherThanDisk } from '../site/disks.ts';
import type { Image } from '../site/hardware.ts';
import {
  diskFor,
  grownSize,
  HOST_ITSELF,
  imagesOn,
  memoryOfHost,
  offHost,
  type Room,
  roomOn,
} from '../site/hardware.ts';
import type { HostDisk, Node, Site } from '../site/model.ts';
import { listed, namesOf } from '../source/diagnostics/words.ts';
import { hasLocation, isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../source/origin.ts';
import { locationKey } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { gibText, wholeGib } from '../values/size.ts';
import { plainPath } from '../values/text.ts';
import { error, essential, warning } from './rule.ts';
import { grouped, perItem, perNetwork, repeats } from './support.ts';

export const hostWithoutDomains = warning('host-without-domains', {
  what: 'A site with a host has nodes that are virtual machines on it.',
  why: 'A node without `vm` is a machine of its own: no domain is made of it, and the host runs nothing.',
  check(site, report) {
    const { host, nodes = [] } = site;
    if (!host || isBroken(site, 'nodes')) return;
    // Of machines that are on a network of the host's alone, machine-off-host says more.
    if (offHost(site).size > 0) return;
    if (!nodes.every((node) => node?.facts && lacks(node.facts, 'vm'))) return;
    report({
      message:
        'The site has a host, and none of its nodes is a virtual machine: there would be nothing on it.',
      at: selfLocation(host),
      help: 'give the nodes `vm`, such as `vm: {preset: small, disks: [{size: 300Gi}]}` in defaults; or remove host',
    });
  },
});

export const hostTwoArchitectures = error('host-two-architectures', {
  what: 'The virtual machines of a host that lends them its CPU (KVM) are of one architecture.',
  why: 'KVM runs no other instructions than those of the host: of machines of two architectures libvirt refuses one.',
  check({ host, nodes = [] }, report) {
    if (host?.domainType !== 'kvm') return;
    const [first, ...others] = nodes.filter((node) => node?.domain && node.arch);
    const other = others.find((node) => node?.arch !== first?.arch);
    if (!first || !other) return;
    report({
      message: `${first.name} is a machine of ${first.arch} and ${other.name} one of ${other.arch}, and the CPU of their host is of one architecture: libvirt refuses one of them.`,
      at: archPlace(other),
      related: [{ message: `${first.name} has its architecture from`, at: archPlace(first) }],
      help: 'give all of them the same with arch, move some to another host; or say `domain_type: qemu`, which emulates the CPU and is slow',
    });
  },
});

/** Where it is said of which architecture a machine is: by its cluster; else the machine itself. */
function archPlace(node: Draft<Node>) {
  const { cluster } = node;
  return cluster && hasLocation(cluster, 'arch') ? locationOf(cluster, 'arch') : selfLocation(node);
}

export const hostTooSmall = error('host-too-small', {
  what: 'The memory of all machines fits into that of the host, beside 2 GiB for the host itself, and none has more CPUs than the host has threads.',
  why: 'Without memory the kernel of the host kills the largest machine, which is a node of the cluster (its out-of-memory killer); CPUs beyond the threads wait for each other, and etcd loses its leader.',
  check({ host, nodes = [] }, report) {
    const there = host && memoryOfHost(host);
    const sizes = nodes.flatMap((node) => node?.domain?.memory ?? []);
    const wanted = sizes.reduce((sum, size) => sum + size, 0);
    if (host && there !== undefined && wanted + HOST_ITSELF > there)
      report({
        message: `The machines have ${gibText(wanted)} GiB of memory together (${counted(sizes)}), and the host has ${host.memory}, of which it needs 2 GiB itself: its kernel would kill one of them.`,
        at: locationOf(host, 'memory'),
        help: `use a host with at least ${Math.ceil((wanted + HOST_ITSELF) / 1024)}Gi, give the machines less, or fewer of them \`vm\``,
      });
    const { threads = Infinity } = host ?? {};
    for (const node of nodes) {
      const { domain } = node ?? {};
      if (!host || !node || domain?.vcpus === undefined || domain.vcpus <= threads) continue;
      report({
        node,
        dedupe: true,
        message: `The machine has ${domain.vcpus} CPUs, and the host has ${threads} threads: they would wait for each other.`,
        at: locationOf(domain, 'vcpus'),
        related: [{ message: "the host's threads are declared at", at: locationOf(host, 'threads') }],
        help: `give it at most ${threads} vcpus, or use a larger host`,
      });
    }
  },
});

/** Sizes for a sentence, each once: "2 of 32 GiB and 1 of 64 GiB". */
function counted(sizes: readonly number[]): string {
  const alike = grouped(sizes.map((size) => [size, size] as const));
  return listed([...alike].map(([size, { length }]) => `${length} of ${gibText(size)} GiB`));
}

export const hostOvercommitted = warning('host-overcommitted', {
  what: 'The machines have together no more CPUs than the host has threads.',
  why: 'Where all of them work at once, as while they install, each waits for a thread: installations take their time, and etcd, whose members listen for each other ten times a second, changes its leader again and again ("Tuning" in its documentation).',
  check({ host, nodes = [] }, report) {
    const { threads } = host ?? {};
    if (!host || threads === undefined) return;
    const all = nodes.flatMap((node) => node?.domain?.vcpus ?? []);
    const sum = all.reduce((total, vcpus) => total + vcpus, 0);
    // Of one that has more by itself, host-too-small says so.
    if (sum <= threads || all.some((vcpus) => vcpus > threads)) return;
    report({
      message: `The ${all.length} machines have ${sum} CPUs together, and the host has ${threads} threads: each waits for a thread where all of them work at once.`,
      at: locationOf(host, 'threads'),
      help: 'give the machines fewer vcpus, or use a larger host; for tests that may be slow, silence host-overcommitted with the reason',
    });
  },
});

export const hostDiskName = error('host-disk-name', {
  what: "The host's data disks are whole disks or volumes, by names that stay: those below /dev/disk/by-id, /dev/disk/by-path or /dev/mapper.",
  why: 'The kernel numbers disks anew at each boot, and a provider attaches them in any order: the blank disk that is formatted can be another one than was meant, and images come to lie where they were not to.',
  check: perItem(disksOf, (disk, report) => {
    const fault = disk.device === undefined ? undefined : faultOf(disk.device);
    if (!fault) return;
    report({
      message: `The host's disk ${disk.name} is ${disk.device}, ${fault}.`,
      at: locationOf(disk, 'device'),
      help: 'name the whole disk as it is below /dev/disk/by-id or /dev/disk/by-path: `ls -l /dev/disk/by-*` on the host shows it',
    });
  }),
});

function disksOf({ host }: Draft<Site>) {
  return host?.disks ?? [];
}

/** What is wrong with the name of a data disk; undefined where nothing is. A RAID or volume will do, if its name stays. */
function faultOf(device: string): string | undefined {
  if (isUnstableName(device)) return 'which is whatever disk the kernel finds in that place at a boot';
  const [what, path] = [otherThanDisk(device), plainPath(device)];
  if (!what || STABLE_VOLUME.test(path)) return undefined;
  return NUMBERED.test(path)
    ? `${what} that the kernel numbers anew at each boot`
    : `${what}, and not a whole disk`;
}

const STABLE_VOLUME = /^\/dev\/(md\/|mapper\/|disk\/by-id\/(md|dm|lvm)-(?!.*-part\d+$))/;
const NUMBERED = /^\/dev\/(md|dm-|loop)\d/;

export const hostDiskTwice = error('host-disk-twice', {
  what: 'Each data disk of the host is another device.',
  why: 'Of one disk under two names the room is counted twice: it is full when the machines have written half of what they were promised, and they are paused.',
  check(site, report) {
    const deviceOf = ({ device }: Draft<HostDisk>) => (device === undefined ? undefined : plainPath(device));
    for (const { one, first } of repeats(disksOf(site), deviceOf)) {
      report({
        message: `The host's disk ${one.name} is the same device as ${first.name}: ${one.device}.`,
        at: locationOf(one, 'device'),
        related: [{ message: `${first.name} has it at`, at: locationOf(first, 'device') }],
        help: `name another device, or let the images lie on ${first.name}`,
      });
    }
  },
});

export const hostDiskTooSmall = error('host-disk-too-small', {
  what: "A data disk of the host holds the images that lie on it, grown to the full size of the machines' disks, beside what its file system takes.",
  why: 'Images grow as machines write, and raw ones are made sparse, too: on a disk that is full QEMU pauses every machine that writes, and they stay paused for as long as it is (rancher/harvester-cloud#173; `werror` in its documentation).',
  check: perItem(disksOf, (disk, report, { nodes = [] }) => {
    const room = roomOn(disk);
    if (!room) return;
    const images = imagesOn(disk, nodes);
    const grown = images.reduce((sum, image) => sum + grownSize(image.disk), 0);
    if (grown <= room.free) return;
    const sizes = new Map(
      images.map((image) => locationOf(image.disk, 'size')).map((at) => [locationKey(at), at]),
    );
    report({
      message: `The ${images.length === 1 ? 'image' : `${images.length} images`} on ${disk.name} can grow to ${Math.ceil(grown / 2 ** 30)} GiB, and a file system on ${room.text} holds ${wholeGib(room.free)} GiB: once it is full, the machines that write to it are paused.`,
      at: locationOf(disk, 'size'),
      related: [...sizes.values()].map((at) => ({ message: 'images of this size lie on it', at })),
      help: [largerDisk(disk, room, grown), ...smallerImages(images, room)].join('; or '),
    });
  }),
});

function largerDisk({ filesystem = 'ext4' }: Draft<HostDisk>, { text }: Room, grown: number): string {
  const needed = diskFor(grown, filesystem);
  const size = text.includes('i') ? `${Math.ceil(needed / 2 ** 30)}Gi` : `${Math.ceil(needed / 1e9)}GB`;
  return `use a disk of at least ${size}`;
}

/** The size of each image at which all of them fit, where they are of one size now. */
function smallerImages(images: readonly Image[], { free }: Room): string[] {
  const sizes = new Set(images.map(({ disk }) => disk.size));
  // A hundredth is more than the tables of a qcow2 image take.
  const each = Math.floor((free * 0.99) / images.length / 2 ** 30);
  if (sizes.size !== 1 || each < 1) return [];
  return [`give ${images.length === 1 ? 'the image' : 'each image'} at most ${each}Gi`];
}

export const libvirtWithoutHost = error('libvirt-without-host', {
  what: 'A network that libvirt makes belongs to a site with a host.',
  why: 'The definition of the network, and what defines and starts it, are made for the host: without one there is no such network, nobody answers DHCP on it, and its machines never boot.',
  check: perNetwork((network, report, site) => {
    if (!lacks(site, 'host') || !network.libvirt) return;
    const { dhcp } = network;
    report({
      message: `libvirt is to make the network ${network.name}, and the site has no host: nobody would bring it up.`,
      at: dhcp?.server === 'libvirt' ? keyLocationOf(dhcp, 'server') : keyLocationOf(network, 'libvirt'),
      help: 'say where the virtual machines live with `host: {address: …}`; or, where the network is there already, name its server with `dhcp: {server: external}` and remove libvirt',
    });
  }),
});

export const machineOffHost = essential('machine-off-host', {
  what: 'Every machine on a network that libvirt makes is a virtual one of the host.',
  why: "The network is a bridge of the host that none of the host's own NICs is in: a machine beside the host is never on it, gets no address and fetches nothing.",
  check(site, report) {
    for (const [network, nodes] of offHost(site)) {
      const [first, another] = nodes;
      if (!first) continue;
      report({
        message: `${namesOf(nodes)} ${another ? 'are no virtual machines' : 'is no virtual machine'}, and libvirt makes the network ${network.name}: it exists on the host alone, and nothing beside the host is on it.`,
        at: locationOf(first, 'name'),
        related: [{ message: 'the network is defined at', at: selfLocation(network) }],
        help: `give ${another ? 'them' : 'it'} vm, such as \`vm: {preset: small, disks: [{size: 300Gi}]}\`; or use a network that is a bridge of the host, with interface, as virtual machines can be on, too`,
      });
    }
  },
});
