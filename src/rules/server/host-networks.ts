import type { Network, Site } from '../../site/model.ts';
import { hasLocation, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { removeKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { type Cidr, parseCidr } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { ownersOf } from '../machines/identity.ts';
import { error, essential, type Rule, warning } from '../rule.ts';
import { notOfHost, overlap, perNetwork, repeats } from '../support.ts';

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

export const hostNetworkRules: readonly Rule[] = [
  warning('libvirt-default-subnet', {
    what: "A network that libvirt creates must not overlap libvirt's default network, 192.168.122.0/24.",
    why: 'A network that overlaps another network of the host is not started ("Network is already in use by interface virbr0"). A host that is itself a virtual machine has its own IP address there.',
    check: perNetwork((network, report) => {
      const { subnet } = network;
      if (!network.libvirt || !subnet || !overlap(subnet, DEFAULT)) return;
      report(locationOf(network, 'subnet'), {
        message: `The subnet ${subnet.text} of ${network.name} overlaps libvirt's default network, ${DEFAULT.text}: libvirt starts only one of them.`,
        help: 'choose another subnet; or, if the host has no default network, add `silence: {libvirt-default-subnet: "the reason"}`',
      });
    }),
  }),
  error('libvirt-address-outside', {
    what: "The host's IP address on a network that libvirt creates must be a host address of its subnet.",
    why: 'The network is derived from the IP address and the mask: machines would be on another network than the host, and the DHCP server rejects the pool.',
    check: perNetwork((network, report) => {
      const { libvirt, gateway, name } = network;
      const address = libvirt?.address;
      // gateway-outside-subnet reports the gateway.
      if (!libvirt || !address || address === gateway) return;
      const outside = ({ text }: Cidr) => `outside its subnet, ${text}: no machine on it can reach the host`;
      const found = notOfHost(network, address, `The host's IP address ${address} on ${name}`, outside);
      const help = `choose a free IP address in ${network.subnet?.text}`;
      if (found) report(locationOf(libvirt, 'address'), { ...found, help });
    }),
  }),
  essential('libvirt-network-address', {
    what: 'The host must have an IP address on a libvirt network, unless the network is isolated and without DHCP.',
    why: 'A forwarded network without an IP address of the host is rejected ("forwarding requested, but no IP address provided"), and its DHCP server has no IP address to answer from.',
    check: perNetwork((network, report, site) => {
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
  }),
  error('libvirt-vlan', {
    what: 'A network that libvirt creates, and that Harvester boots from, must not have a VLAN.',
    why: "Nodes then tag their frames, but the host's bridge is untagged: no machine reaches the host, its DHCP server or the other networks.",
    check: perNetwork((network, report, { nodes = [] }) => {
      const { libvirt, vlan, name } = network;
      // VLAN 1 is untagged for Harvester, and only Harvester reads the key.
      if (!libvirt || vlan === undefined || vlan < 2) return;
      if (!nodes.some((node) => node?.os === 'harvester' && node.bootNic?.network === network)) return;
      report(locationOf(network, 'vlan'), {
        message: `libvirt creates the network ${name}, on which the host has no NIC in VLAN ${vlan}: installed nodes cannot reach it.`,
        fix: suggestedFix(removeKey(network, 'vlan')),
        help: 'remove vlan; or, for a bridge of the host in this VLAN, set it in interface, and remove libvirt and `server: libvirt`',
      });
    }),
  }),
  error('host-address-taken', {
    what: "The libvirt host's IP address, and those of its exposed ports, must not belong to a node, VIP or router.",
    why: 'On an IP address that the host does not have, socat cannot listen ("Cannot assign requested address"), and its unit restarts forever. Clients of the host reach the other machine, which has neither its web server nor its ports.',
    check(site, report) {
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
    },
  }),
  error('bridge-taken', {
    what: "Networks that libvirt creates must have unique bridges, other than existing interfaces and libvirt's default bridge.",
    why: 'A second network with the same bridge is rejected ("bridge name already in use"), and so is an existing interface of the host. The default name of a bridge is virbr-<network>, truncated to 15 characters, the limit of Linux.',
    check({ networks = [] }, report) {
      const bridges = networks.flatMap((network) =>
        network?.libvirt?.bridge === undefined ? [] : [{ network, bridge: network.libvirt.bridge }],
      );
      for (const { network, bridge } of bridges) {
        // libvirt creates the bridge, but the interface of another network must already exist.
        const other = networks.find((one) => one && !one.libvirt && one.interface === bridge);
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
      for (const { one, first } of repeats(bridges, ({ bridge }) =>
        TAKEN.has(bridge) ? undefined : bridge,
      )) {
        report(bridgeLocation(one.network), {
          message: `The bridge ${one.bridge} of the network ${one.network.name} is also that of ${first.network.name}: libvirt rejects the second.`,
          related: [{ message: `${first.network.name} sets it at`, at: bridgeLocation(first.network) }],
          help: 'set interface to another bridge, a name of at most 15 characters',
        });
      }
    },
  }),
];

/** Whether missing-gateway reports the network; the gateway is also the IP address of the host. */
function isReported({ nodes = [] }: Draft<Site>, network: Draft<Network>): boolean {
  return lacks(network, 'gateway') && nodes.some((node) => node?.bootNic?.network === network);
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
