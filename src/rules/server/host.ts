import {
  diskFor,
  grownSize,
  HOST_ITSELF,
  type Image,
  imagesOn,
  memoryOfHost,
  offHost,
  type Room,
  roomOn,
} from '../../plan/host-capacity.ts';
import { isUnstableName, leastSize, otherThanDisk } from '../../site/disks.ts';
import { managementNetwork } from '../../site/management.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import type { HostDisk } from '../../site/model-host.ts';
import { listed, namesOf } from '../../source/diagnostics/words.ts';
import {
  hasLocation,
  isBroken,
  keyLocationOf,
  lacks,
  locationOf,
  mayHaveMore,
  selfLocation,
} from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { removeKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { type Cidr, parseCidr } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { groupedBy } from '../../values/grouped.ts';
import { gibText, wholeGib } from '../../values/size.ts';
import { plainPath } from '../../values/text.ts';
import { ownersOf } from '../machines/identity.ts';
import { error, essential, per, repeats, warning } from '../rule.ts';
import { notOfHost, overlap } from '../support.ts';

const STABLE_VOLUME = /^\/dev\/(md\/|mapper\/|disk\/by-id\/(md|dm|lvm)-(?!.*-part\d+$))/;
const NUMBERED = /^\/dev\/(md|dm-|loop)\d/;

export const hostRules = [
  warning('host-without-domains', {
    what: 'A site with a host must have virtual machines on it.',
    why: 'A node without `vm` is a separate machine without a domain: the host runs nothing.',
  }).check((site, report) => {
    const { host, nodes = [] } = site;
    if (!host || isBroken(site, 'nodes')) return;
    // machine-off-host reports machines on a network that exists only on the host.
    if (offHost(site).size > 0) return;
    if (!nodes.every((node) => node?.facts && lacks(node.facts, 'vm') && !mayHaveMore(node))) return;
    report(selfLocation(host), {
      message: 'The site has a host, but none of its nodes is a virtual machine: the host runs nothing.',
      help: 'add `vm` to the nodes, such as `vm: {preset: small, disks: [{size: 300Gi}]}` in defaults; or remove host',
    });
  }),
  error('host-two-architectures', {
    what: 'All virtual machines of a host with KVM must have the same architecture.',
    why: 'KVM runs only instructions of the CPU of the host: libvirt rejects machines with another architecture.',
  }).check(({ host, nodes = [] }, report) => {
    if (host?.domainType !== 'kvm') return;
    const [first, ...others] = nodes.filter((node) => node?.domain && node.arch);
    const other = others.find((node) => node?.arch !== first?.arch);
    if (!first || !other) return;
    report(archLocation(other), {
      message: `${first.name} is an ${first.arch} machine and ${other.name} an ${other.arch} machine, but their host has one architecture: libvirt rejects one of them.`,
      related: [{ message: `the architecture of ${first.name} is from`, at: archLocation(first) }],
      help: 'set the same arch for all of them, or move some to another host; or set `domain_type: qemu`, which emulates the CPU and is slow',
    });
  }),
  error('host-too-small', {
    what: 'The host must have memory for all machines plus 2 GiB, and as many threads as each machine has CPUs.',
    why: 'Without memory, the out-of-memory killer of the host kills the largest machine, a node of the cluster. CPUs without a thread wait for each other, and etcd loses its leader.',
  }).check(({ host, nodes = [] }, report) => {
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
  }),
  warning('host-overcommitted', {
    what: 'All machines of a host together must not have more CPUs than the host has threads.',
    why: 'If all machines are busy at once, as during installation, they wait for threads and are slow. The members of etcd expect heartbeats ten times a second, and change their leader repeatedly ("Tuning" in its documentation).',
  }).check(({ host, nodes = [] }, report) => {
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
  }),
  error('host-disk-name', {
    what: 'Data disks of the host must be whole disks or volumes with persistent names: below /dev/disk/by-id, /dev/disk/by-path or /dev/mapper.',
    why: 'The kernel numbers disks at each boot, and a provider attaches them in any order: the wrong blank disk can be formatted, or hold the images.',
  }).check(per.item(disksOf), (disk, report) => {
    const error = disk.device === undefined ? undefined : nameError(disk.device);
    if (!error) return;
    report(locationOf(disk, 'device'), {
      message: `The host's disk ${disk.name} is ${disk.device}, ${error}.`,
      help: 'set the name of the whole disk below /dev/disk/by-id or /dev/disk/by-path: run `ls -l /dev/disk/by-*` on the host',
    });
  }),
  error('host-disk-twice', {
    what: 'Data disks of the host must not share a device.',
    why: 'The space of a disk with two names counts twice: the disk is full when the machines have written half of their space, and QEMU pauses them.',
  }).check(
    per.repeat(disksOf, 'device', ({ device }) => device && plainPath(device)),
    (later, first) => ({
      message: `The host's disks ${later.name} and ${first.name} are the same device, ${later.device}: its space would count twice.`,
      related: `${first.name} sets it at`,
      help: `set another device, or move the images to ${first.name}`,
    }),
  ),
  error('host-disk-too-small', {
    what: 'A data disk of the host must have space for its full-grown images and its file system.',
    why: 'Images grow as machines write; raw images are sparse, too. On a full disk, QEMU pauses every machine that writes, until there is space again (rancher/harvester-cloud#173; `werror` in its documentation).',
  }).check(per.item(disksOf), (disk, report, { nodes = [] }) => {
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
  error('libvirt-without-host', {
    what: 'A site with a network that libvirt creates must have a host.',
    why: 'The scripts that define and start the network run on the host. Without a host, there is no such network and no DHCP server on it, and its machines never boot.',
  }).check(per.network, (network, report, site) => {
    if (!lacks(site, 'host') || !network.libvirt) return;
    const { dhcp } = network;
    report(dhcp?.server === 'libvirt' ? keyLocationOf(dhcp, 'server') : keyLocationOf(network, 'libvirt'), {
      message: `The network ${network.name} is created by libvirt, but the site has no host: it never exists.`,
      help: 'set the host of the virtual machines: `host: {address: …}`; or, for an existing network, set `dhcp: {server: external}` and remove libvirt',
    });
  }),
  essential('machine-off-host', {
    what: 'Every machine on a network that libvirt creates must be a virtual machine of the host.',
    why: "The network is a bridge of the host without any of the host's own NICs: another machine is never on it, gets no IP address and fetches nothing.",
  }).check((site, report) => {
    for (const [network, nodes] of offHost(site)) {
      const [first, another] = nodes;
      if (!first) continue;
      report(locationOf(first, 'name'), {
        message: `${namesOf(nodes)} ${another ? 'are not virtual machines' : 'is not a virtual machine'}, but libvirt creates the network ${network.name}: it exists only on the host.`,
        related: [{ message: 'the network is defined at', at: selfLocation(network) }],
        help: `add vm to ${another ? 'them' : 'it'}, such as \`vm: {preset: small, disks: [{size: 300Gi}]}\`; or use a network on a bridge of the host, with interface, which virtual machines can use, too`,
      });
    }
  }),
];

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

/** The default network of libvirt's packages, which most distributions start. Source: libvirt, src/network/default.xml.in. */
const DEFAULT = parseCidr('192.168.122.0/24') as Cidr;

const OTHER =
  'set interface to another bridge, or remove it: the default is derived from the name of the network';

const OR_SILENCE = 'or, if the host has no default network, add silence: {bridge-taken: "the reason"}';

/** Interfaces that a host always or often has. Source of the second: libvirt, src/network/default.xml.in. */
const TAKEN = new Map([
  ['lo', { whose: "the host's loopback device", help: OTHER }],
  ['virbr0', { whose: "that of libvirt's default network", help: `${OTHER}; ${OR_SILENCE}` }],
]);

export const hostNetworkRules = [
  warning('libvirt-default-subnet', {
    what: "A network that libvirt creates must not overlap libvirt's default network, 192.168.122.0/24.",
    why: 'A network that overlaps another network of the host is not started ("Network is already in use by interface virbr0"). A host that is itself a virtual machine has its own IP address there.',
  }).check(per.network, (network, report) => {
    const { subnet } = network;
    if (!network.libvirt || !subnet || !overlap(subnet, DEFAULT)) return;
    report(locationOf(network, 'subnet'), {
      message: `The subnet ${subnet.text} of ${network.name} overlaps libvirt's default network, ${DEFAULT.text}: libvirt starts only one of them.`,
      help: 'choose another subnet; or, if the host has no default network, add `silence: {libvirt-default-subnet: "the reason"}`',
    });
  }),
  error('libvirt-address-outside', {
    what: "The host's IP address on a network that libvirt creates must be a host address of its subnet.",
    why: 'The network is derived from the IP address and the mask: machines would be on another network than the host, and the DHCP server rejects the pool.',
  }).check(per.network, (network, report) => {
    const { libvirt, gateway, name } = network;
    const address = libvirt?.address;
    // gateway-outside-subnet reports the gateway.
    if (!libvirt || !address || address === gateway) return;
    const outside = ({ text }: Cidr) => `outside its subnet, ${text}: no machine on it can reach the host`;
    const found = notOfHost(network, address, `The host's IP address ${address} on ${name}`, outside);
    const help = `choose a free IP address in ${network.subnet?.text}`;
    if (found) report(locationOf(libvirt, 'address'), { ...found, help });
  }),
  essential('libvirt-network-address', {
    what: 'The host must have an IP address on a libvirt network, unless the network is isolated and without DHCP.',
    why: 'A forwarded network without an IP address of the host is rejected ("forwarding requested, but no IP address provided"), and its DHCP server has no IP address to answer from.',
  }).check(per.network, (network, report, site) => {
    if (!network.libvirt || !lacks(network.libvirt, 'address') || isReported(site, network)) return;
    const { forward } = network.libvirt;
    const serves = network.dhcp?.server === 'libvirt';
    if (!serves && (forward === 'isolated' || forward === undefined)) return;
    report(selfLocation(network), {
      message: serves
        ? `The network ${network.name} has DHCP by libvirt, but the host has no IP address on it: no server answers.`
        : `The network ${network.name} is forwarded by libvirt (${forward}), but the host has no IP address on it: libvirt rejects it.`,
      help: serves
        ? 'add gateway, or only the IP address of the host: `libvirt: {address: …}`'
        : 'add gateway or `libvirt: {address: …}`; or isolate the network: `libvirt: {forward: isolated}`',
    });
  }),
  error('libvirt-vlan', {
    what: 'A network that libvirt creates, and that is the management network of Harvester nodes, must not have a VLAN.',
    why: "Nodes then tag their frames, but the host's bridge is untagged: no machine reaches the host, its DHCP server or the other networks.",
  }).check(per.network, (network, report, { nodes = [] }) => {
    const { libvirt, vlan, name } = network;
    // VLAN 1 is untagged for Harvester, and only Harvester reads the key.
    if (!libvirt || vlan === undefined || vlan < 2) return;
    if (!nodes.some((node) => node?.os === 'harvester' && managementNetwork(node) === network)) return;
    report(locationOf(network, 'vlan'), {
      message: `libvirt creates the network ${name}, on which the host has no NIC in VLAN ${vlan}: installed nodes cannot reach it.`,
      fix: suggestedFix(removeKey(network, 'vlan')),
      help: 'remove vlan; or, for a bridge of the host in this VLAN, set it in interface, and remove libvirt and `server: libvirt`',
    });
  }),
  error('host-address-taken', {
    what: "The libvirt host's IP address, and those of its exposed ports, must not belong to a node, VIP or router.",
    why: 'On an IP address that the host does not have, socat cannot listen ("Cannot assign requested address"), and its unit restarts forever. Clients of the host reach the other machine, which has neither its web server nor its ports.',
  }).check((site, report) => {
    const { host } = site;
    if (!host) return;
    // The IP addresses that the host must have; host.address may also be a name.
    const uses = [
      { address: host.address, what: 'The IP address of the host', at: locationOf(host, 'address') },
      ...(host.expose ?? []).flatMap((exposed) => {
        if (!exposed) return [];
        const what = `The IP address of the exposed port ${exposed.port}`;
        return [{ address: exposed.address, what, at: locationOf(exposed, 'address') }];
      }),
    ];
    const owners = othersIn(site, new Set(uses.map(({ address }) => address)));
    for (const { address, what, at } of uses) {
      const owner = address === undefined ? undefined : owners.get(address);
      if (!owner) continue;
      report(at, {
        message: `${what}, ${address}, is that of ${owner.what}: the host does not have it.`,
        related: [{ message: `the IP address of ${owner.what} is set at`, at: owner.at }],
        help: "set the host's own IP address, or remove the key",
      });
    }
  }),
  error('bridge-taken', {
    what: "Networks that libvirt creates must have unique bridges, other than existing interfaces and libvirt's default bridge.",
    why: 'A second network with the same bridge is rejected ("bridge name already in use"), and so is an existing interface of the host. The default name of a bridge is virbr-<network>, truncated to 15 characters, the limit of Linux.',
  }).check(({ networks = [] }, report) => {
    const bridges = networks.flatMap((network) =>
      network?.libvirt?.bridge === undefined ? [] : [{ network, bridge: network.libvirt.bridge }],
    );
    for (const { network, bridge } of bridges) {
      // libvirt creates the bridge, but the interface of another network must already exist.
      const other = networks.find((network) => network && !network.libvirt && network.interface === bridge);
      const owner = TAKEN.get(bridge);
      if (other)
        report(bridgeLocation(network), {
          message: `The bridge ${bridge} of the libvirt network ${network.name} is also the interface of ${other.name}: libvirt cannot create it, and both networks would be on one wire.`,
          related: [{ message: `${other.name} sets it at`, at: locationOf(other, 'interface') }],
          help: `set another bridge for ${network.name}, or another interface for ${other.name}; or, for an existing bridge of the host, remove libvirt and \`server: libvirt\` from ${network.name}`,
        });
      if (owner)
        report(bridgeLocation(network), {
          message: `The bridge ${bridge} of the network ${network.name} is ${owner.whose}: libvirt cannot create it.`,
          help: owner.help,
        });
    }
    for (const { later, first } of repeats(bridges, ({ bridge }) => (TAKEN.has(bridge) ? undefined : bridge)))
      report(bridgeLocation(later.network), {
        message: `The bridge ${later.bridge} of the network ${later.network.name} is also that of ${first.network.name}: libvirt rejects the second.`,
        related: [{ message: `${first.network.name} sets it at`, at: bridgeLocation(first.network) }],
        help: 'set interface to another bridge, a name of at most 15 characters',
      });
  }),
];

/** Whether missing-gateway reports the network; the gateway is also the IP address of the host. */
function isReported({ nodes = [] }: Draft<Site>, network: Draft<Network>): boolean {
  return lacks(network, 'gateway') && nodes.some((node) => node && managementNetwork(node) === network);
}

/** Returns the owners of other IP addresses than the host's. The gateway of a network that libvirt creates may be the host itself. */
function othersIn(site: Draft<Site>, wanted: ReadonlySet<string | undefined>) {
  const { clusters = [], networks = [] } = site;
  const vips = clusters.flatMap((cluster) =>
    cluster?.vip
      ? [{ address: cluster.vip, what: `the VIP of ${cluster.name}`, at: locationOf(cluster, 'vip') }]
      : [],
  );
  const gateways = networks.flatMap((network) => {
    const { gateway, libvirt } = network ?? {};
    if (!network || !gateway || !libvirt?.address || gateway === libvirt.address) return [];
    const what = `the gateway of ${network.name}`;
    return [{ address: gateway, what, at: locationOf(network, 'gateway') }];
  });
  // Reversed, so that the map keeps the first owner of an IP address.
  const all = [...ownersOf(site, wanted), ...vips, ...gateways].reverse();
  return new Map(all.map((owner) => [owner.address, owner]));
}

/** Returns the location of a bridge's name; if the name is derived, of the network. */
function bridgeLocation(network: Draft<Network>): SourceLocation {
  const { libvirt } = network;
  return libvirt && hasLocation(libvirt, 'bridge') ? locationOf(libvirt, 'bridge') : selfLocation(network);
}
