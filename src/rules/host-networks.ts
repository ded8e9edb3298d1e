import type { Network, Site } from '../site/model.ts';
import { hasLocation, lacks, locationOf, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { type Cidr, parseCidr } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { ownersOf } from './identity.ts';
import { error, essential, warning } from './rule.ts';
import { notOfHost, overlap, perNetwork, repeats } from './support.ts';

/** The network that libvirt's packages bring along, which most distributions start. Source: libvirt, src/network/default.xml.in. */
const DEFAULT = parseCidr('192.168.122.0/24') as Cidr;

export const libvirtDefaultSubnet = warning('libvirt-default-subnet', {
  what: "No network that libvirt makes shares addresses with libvirt's own default network, 192.168.122.0/24.",
  why: 'A network whose addresses another one of the host has is not started ("Network is already in use by interface virbr0"), and a host that is a virtual machine of libvirt itself has its own address there.',
  check: perNetwork((network, report) => {
    const { subnet } = network;
    if (!network.libvirt || !subnet || !overlap(subnet, DEFAULT)) return;
    report({
      message: `The subnet ${subnet.text} of ${network.name} shares addresses with libvirt's own default network, ${DEFAULT.text}: libvirt starts but one of them.`,
      at: locationOf(network, 'subnet'),
      help: 'choose another subnet; where the host has no default network, say so with `silence: {libvirt-default-subnet: the reason}`',
    });
  }),
});

export const libvirtAddressOutside = error('libvirt-address-outside', {
  what: "The host's address on a network that libvirt makes is one of its subnet that a host can have.",
  why: 'Of the address and the mask libvirt makes whatever network they are: the machines would be on another one than the host, and its DHCP server refuses the pool.',
  check: perNetwork((network, report) => {
    const { libvirt, gateway, name } = network;
    const address = libvirt?.address;
    // What is wrong with the gateway is said of the gateway.
    if (!libvirt || !address || address === gateway) return;
    const outside = ({ text }: Cidr) => `outside its subnet, ${text}: no machine on it could reach the host`;
    const fault = notOfHost(network, address, `The host's address ${address} on ${name}`, outside);
    const help = `give an address in ${network.subnet?.text} that nobody else has`;
    if (fault) report({ ...fault, at: locationOf(libvirt, 'address'), help });
  }),
});

export const libvirtNetworkAddress = essential('libvirt-network-address', {
  what: 'The host has an address on a network that libvirt makes, unless the network is isolated and without DHCP.',
  why: 'A network that libvirt is to forward and has no address on is refused ("forwarding requested, but no IP address provided"), and its DHCP server has nothing to answer from.',
  check: perNetwork((network, report, site) => {
    if (!network.libvirt || !lacks(network.libvirt, 'address') || isSaidAlready(site, network)) return;
    const { forward } = network.libvirt;
    const serves = network.dhcp?.server === 'libvirt';
    if (!serves && (forward === 'isolated' || forward === undefined)) return;
    report({
      message: serves
        ? `libvirt is to serve DHCP on the network ${network.name}, and the host has no address there: nobody would answer.`
        : `libvirt is to forward what leaves the network ${network.name} (${forward}), and the host has no address there: libvirt refuses such a network.`,
      at: selfLocation(network),
      help: serves
        ? 'add gateway, or the address of the host alone: `libvirt: {address: …}`'
        : 'add gateway or `libvirt: {address: …}`; or keep the network to the machines with `libvirt: {forward: isolated}`',
    });
  }),
});

/** Whether missing-gateway asks for the gateway, which is the host's address, too. */
function isSaidAlready({ nodes = [] }: Draft<Site>, network: Draft<Network>): boolean {
  return lacks(network, 'gateway') && nodes.some((node) => node?.bootNic?.network === network);
}

export const hostAddressTaken = error('host-address-taken', {
  what: "The addresses by which the libvirt host is reached, and at which its exposed ports listen, are the host's own: no node's, VIP or router's.",
  why: 'At an address that the host does not have, socat cannot listen ("Cannot assign requested address") and its unit starts over and over; and who asks a virtual machine for the host meets neither its web server nor its ports.',
  check(site, report) {
    const { host } = site;
    if (!host) return;
    // What is an address of the host by its meaning; the one by which it is reached may be a name.
    const uses = [
      { address: host.address, what: 'The address of the host', at: locationOf(host, 'address') },
      ...(host.expose ?? []).flatMap((exposed) => {
        if (!exposed) return [];
        const what = `The address at which port ${exposed.port} listens`;
        return [{ address: exposed.address, what, at: locationOf(exposed, 'address') }];
      }),
    ];
    const owners = othersIn(site, new Set(uses.map(({ address }) => address)));
    for (const { address, what, at } of uses) {
      const owner = address === undefined ? undefined : owners.get(address);
      if (!owner) continue;
      report({
        message: `${what}, ${address}, is that of ${owner.what}: the host does not have it.`,
        at,
        related: [{ message: `${owner.what} has it at`, at: owner.at }],
        help: "give an address of the host's own, or none",
      });
    }
  },
});

/** Returns whose addresses cannot be the host's; the gateway of a network that libvirt makes may be the host itself. */
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
  // The first who has an address has it.
  const all = [...ownersOf(site, wanted), ...vips, ...gateways].reverse();
  return new Map(all.map((owner) => [owner.address, owner]));
}

export const bridgeTaken = error('bridge-taken', {
  what: "Each network that libvirt makes has a bridge of its own, which is no other network's interface, and neither the host's loopback device nor the bridge of libvirt's default network.",
  why: 'A second network with a bridge that is taken is refused by libvirt ("bridge name already in use"). Unless said, a bridge is called virbr-<network>, cut at 15 characters: Linux takes no longer name. An interface of the host that is there already libvirt does not take for a bridge, either.',
  check({ networks = [] }, report) {
    const bridges = networks.flatMap((network) =>
      network?.libvirt?.bridge === undefined ? [] : [{ network, bridge: network.libvirt.bridge }],
    );
    for (const { network, bridge } of bridges) {
      // A bridge that libvirt makes is not there before libvirt makes it; what another network is on must be.
      const other = networks.find((one) => one && !one.libvirt && one.interface === bridge);
      const owner = TAKEN.get(bridge);
      if (other)
        report({
          message: `The bridge ${bridge} that libvirt is to make for the network ${network.name} is the interface of ${other.name}, too: of an interface that is there libvirt makes none, and two networks would be on one wire.`,
          at: bridgePlace(network),
          related: [{ message: `${other.name} has it at`, at: locationOf(other, 'interface') }],
          help: `name another bridge for ${network.name}, or another interface for ${other.name}; where the bridge is the host's own, remove libvirt and \`server: libvirt\` from ${network.name}`,
        });
      if (owner)
        report({
          message: `The bridge ${bridge} of the network ${network.name} is ${owner.whose}: libvirt cannot make it.`,
          at: bridgePlace(network),
          help: owner.help,
        });
    }
    for (const { one, first } of repeats(bridges, ({ bridge }) => (TAKEN.has(bridge) ? undefined : bridge))) {
      report({
        message: `The bridge ${one.bridge} of the network ${one.network.name} is that of ${first.network.name}, too: libvirt refuses the second.`,
        at: bridgePlace(one.network),
        related: [{ message: `${first.network.name} has it at`, at: bridgePlace(first.network) }],
        help: 'name another bridge with interface, of at most 15 characters',
      });
    }
  },
});

const OTHER = 'name another bridge with interface, or none: it follows from the name of the network';

const OR_SILENCE = 'where the host has no default network, silence bridge-taken with the reason';

/** What every host has, or may have. Source of the second: libvirt, src/network/default.xml.in. */
const TAKEN = new Map([
  ['lo', { whose: "the host's loopback device", help: OTHER }],
  ['virbr0', { whose: "that of libvirt's own default network", help: `${OTHER}; ${OR_SILENCE}` }],
]);

/** Where a bridge is named; where its name follows from the network's, the network. */
function bridgePlace(network: Draft<Network>): SourceLocation {
  const { libvirt } = network;
  return libvirt && hasLocation(libvirt, 'bridge') ? locationOf(libvirt, 'bridge') : selfLocation(network);
}
