import { interfaceMethod, isoNetwork, managementNetwork } from '../../site/management.ts';
import type { Network, Nic, Node } from '../../site/model.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, replaceValue, suggestedFix } from '../../source/text-edit/fix.ts';
import { type Cidr, contains, ipv4Number } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped } from '../../values/grouped.ts';
import { parseMac } from '../../values/identifiers.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesWith, per, warning } from '../rule.ts';
import { notOfHost } from '../support.ts';

/** A Harvester node that runs on another network than the one that it boots from. */
interface Split {
  readonly node: Draft<Node>;
  readonly boots: Draft<Network>;
  readonly runs: Draft<Network>;
}

function splitOf(node: Draft<Node> | undefined): Split[] {
  const boots = node?.bootNic?.network;
  const runs = node && managementNetwork(node);
  return node?.os === 'harvester' && boots && runs && boots !== runs ? [{ node, boots, runs }] : [];
}

/** Rules for nodes whose management network, `network` of their cluster, is not the one that they boot from. */
export const managementRules = [
  essential('no-management-nic', {
    what: 'Every node of a cluster must have a NIC on its management network.',
    why: 'The management interface would have no NIC, and the installer stops.',
  }).check(per.node, (node, report) => {
    const [{ boots, runs } = {}] = splitOf(node);
    const isKnown = node.nics?.every((nic) => nic?.network);
    if (!runs || !boots || !isKnown || node.bond?.length !== 0) return;
    report(locationOf(node, 'name'), {
      message: `${node.name} has no NIC on ${runs.name}, the management network of its cluster: the installer stops.`,
      related: node.cluster && [
        { message: 'the network is set at', at: locationOf(node.cluster, 'network') },
      ],
      help: `list its NICs there under nics: \`{mac: …, network: ${runs.name}, ip: …}\`, and boot: true for the one on ${boots.name}`,
    });
  }),
  error('boot-nic-in-bond', {
    what: 'The boot NIC must not be in the management bond if it is on another network.',
    why: 'The bond sends over a port of the other network: with LACP that port never joins, and with other modes the node loses its connection whenever that NIC is used.',
  }).check(nodesWith('bootNic').each, (node, report) => {
    const [{ boots, runs } = {}] = splitOf(node);
    const { bootNic, bond = [] } = node;
    const management = node.userConfig?.install?.management_interface;
    if (!boots || !runs || !management?.interfaces || bond.some((nic) => nic?.mac === bootNic.mac)) return;
    for (const [index, one] of management.interfaces.entries()) {
      const isBoot = one?.hwAddr
        ? parseMac(one.hwAddr) === bootNic.mac
        : one?.name && one.name === bootNic.name;
      if (isBoot)
        report(locationOf(management.interfaces, index), {
          message: `The management bond on ${runs.name} contains the boot NIC of ${node.name}, which is on ${boots.name}: traffic over it is lost.`,
          related: [{ message: 'the boot NIC is at', at: selfLocation(bootNic) }],
          help: `remove it, or the whole key interfaces: the NICs on ${runs.name} are derived`,
        });
    }
  }),
  error('boot-server-outside-subnet', {
    what: "The boot server's IP address on a network, `boot_server`, must be a host address of its subnet.",
    why: 'Machines on the network would not find the boot server there.',
  }).check(per.network, (network, report) => {
    const { bootServer, name } = network;
    const outside = ({ text }: Cidr) =>
      `outside its subnet, ${text}: machines on it need a router to reach it`;
    const invalid =
      bootServer &&
      notOfHost(network, bootServer, `The boot server's address ${bootServer} on ${name}`, outside);
    const help = `set the boot server's IP address in ${network.subnet?.text}; or remove boot_server, if a router leads to server.url`;
    if (invalid) report(locationOf(network, 'bootServer'), { ...invalid, help });
  }),
  error('boot-server-elsewhere', {
    what: 'If a network that machines boot from sets `boot_server`, it must be the IP address in `server.url`.',
    why: 'Scripts, kernels and configurations are fetched from `server.url`. `boot_server` of a network is for machines that use the network after their boot.',
  }).check(({ nodes = [], networks = [], server }, report) => {
    const booted = new Set(nodes.flatMap((node) => node?.bootNic?.network ?? []));
    const { host, url } = server ?? {};
    if (!server || !host || !url || ipv4Number(host) === undefined) return;
    for (const network of networks) {
      if (!network?.bootServer || network.bootServer === host || !booted.has(network)) continue;
      // The URL may be right for other networks that machines boot from.
      const isOnly = booted.size === 1 && url.startsWith('http:');
      const at = locationOf(server, 'url');
      report(locationOf(network, 'bootServer'), {
        message: `Machines boot from ${network.name}, where the boot server is ${network.bootServer}, but they fetch from server.url, ${host}.`,
        related: [{ message: 'the URL is set at', at }],
        fix: isOnly ? suggestedFix(replaceValue(at, url.replace(host, network.bootServer))) : undefined,
        help: isOnly
          ? `set server.url to http://${network.bootServer}, and boot_server of the network that contains ${host} to that`
          : 'set a name in server.url that the DNS servers of each network resolve to the IP address there',
      });
    }
  }),
  error('management-unreachable', {
    what: 'The installer must reach the boot server over the management network if it fetches the ISO there.',
    why: 'From v1.7.0, an installer with DHCP on its management network gives up the lease of the boot NIC before it fetches the ISO, and it stops, partly with an empty disk.',
  }).check(({ nodes = [], server }, report) => {
    const affected = nodes.flatMap(splitOf).filter(({ node, runs }) => isoNetwork(node) === runs);
    if (!server?.host || server.media?.path === undefined) return;
    for (const [runs, splits] of grouped(affected.map((split) => [split.runs, split] as const))) {
      const { host } = server;
      const address = runs.bootServer ?? host;
      const routed = splits.every(({ boots }) => boots.gateway) && runs.gateway !== undefined;
      if (isBroken(runs, 'bootServer') || !runs.subnet || ipv4Number(address) === undefined) continue;
      if (contains(runs.subnet, address) || routed) continue;
      if (splits.some(({ node }) => node.userConfig?.install?.iso_url)) continue;
      report(selfLocation(runs), {
        message: `The installers of ${namesOf(splits.map(({ node }) => node))} fetch the ISO over ${runs.name}, from which ${address} is unreachable: nothing routes between it and ${splits[0]?.boots.name}.`,
        related: [{ message: 'DHCP is set at', at: keyLocationOf(runs, 'dhcp') }],
        help: `set boot_server of ${runs.name} to the boot server's IP address there; or give the nodes static IP addresses: remove dhcp from ${runs.name}`,
      });
    }
  }),
  warning('two-default-routes', {
    what: 'Before v1.7.0, a network that nodes only boot from must have no gateway if their management network uses DHCP.',
    why: 'The installer then has a default route over each of the two networks, and may use the wrong one for the ISO and for names.',
  }).check(({ nodes = [] }, report) => {
    const affected = nodes.flatMap(splitOf).filter(({ node, boots, runs }) => {
      const release = node.cluster?.version;
      if (!release || isAtLeast(release, 'v1.7.0') || interfaceMethod(node) !== 'dhcp') return false;
      return boots.dhcp !== undefined && boots.gateway !== undefined && runs.gateway !== undefined;
    });
    for (const [boots, splits] of grouped(affected.map((split) => [split.boots, split] as const)))
      report(locationOf(boots, 'gateway'), {
        message: `While ${namesOf(splits.map(({ node }) => node))} install, they have two default routes: over ${boots.name}, and by DHCP over ${splits[0]?.runs.name}.`,
        fix: suggestedFix(removeKey(boots, 'gateway')),
        help: `remove gateway of ${boots.name} if the boot server is on it; or remove dhcp from ${splits[0]?.runs.name}`,
      });
  }),
  warning('boot-network-setting', {
    tag: 'unnecessary',
    what: 'A network that nodes only boot from must have no VLAN, and a large MTU only beside one of the management network.',
    why: 'Firmware boots untagged, and the installed system has the VLAN and the MTU of its management network: with those of the wrong network, it is not reachable, or loses large packets.',
  }).check(({ nodes = [], networks = [] }, report) => {
    const split = new Map(nodes.flatMap(splitOf).map(({ boots, runs }) => [boots, runs]));
    const others = new Set(nodes.flatMap((node) => othersOf(node).flatMap(({ network }) => network ?? [])));
    for (const network of networks) {
      const runs = network && split.get(network);
      if (!runs || others.has(network)) continue;
      const { name, vlan, mtu = 0 } = network;
      for (const key of ['vlan', 'mtu'] as const) {
        const isMissing = lacks(runs, key);
        if (key === 'vlan' ? vlan === undefined : mtu <= 1500 || !isMissing) continue;
        const effect =
          key === 'vlan'
            ? `VLAN ${vlan} of ${name} has no effect: machines boot from it untagged, and run on ${runs.name}`
            : `The MTU ${mtu} of ${name} is only for machines while they boot: they run on ${runs.name}`;
        report(locationOf(network, key), {
          message: `${effect}${isMissing ? `, which has no ${key === 'vlan' ? 'VLAN' : 'MTU'}` : ''}.`,
          fix: suggestedFix(removeKey(network, key)),
          help: isMissing
            ? `remove it; or, if it is that of the installed nodes, set it for ${runs.name}`
            : 'remove it; the switch port carries this network untagged',
        });
      }
    }
  }),
];

/** Returns the NICs of a node that may use a VLAN: all of a node whose management network is the one that it boots from. */
function othersOf(node: Draft<Node> | undefined): readonly Draft<Nic>[] {
  const nics = node?.nics?.flatMap((nic) => nic ?? []) ?? [];
  return splitOf(node).length > 0 ? nics.filter((nic) => nic !== node?.bootNic) : nics;
}
