import { clusterOutliers, type Trait, type Unlike } from '../site/clusters.ts';
import { isUnknown, locationInConfig, timeServers } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { hasLocation, isBroken, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { error, type Rule, warning } from './rule.ts';

type Network = NonNullable<NonNullable<Draft<Node>['bootNic']>['network']>;

const NETWORK: Trait<Network> = {
  value: ({ bootNic }) => bootNic?.network,
  at: (node) => (node.bootNic ? networkPlace(node.bootNic) : locationOf(node, 'name')),
};

export const membersInDifferentNetworks = error('members-in-different-networks', {
  what: 'All nodes of a cluster boot from one network, which is their management network.',
  why: 'The VIP is announced by ARP, which does not leave a network: nodes on another one would lose it as soon as it moves (harvester/harvester#7093).',
  check: perUnlikeMember(NETWORK, ({ cluster, node, value, usual }) => ({
    message: `${node.name} boots from the network ${value.name}, and ${usual.node.name} of the cluster ${cluster.name} from ${usual.value.name}: the VIP cannot be in both.`,
    related: `${usual.node.name} boots from its network by`,
    help: `let ${node.name} boot from a NIC on ${usual.value.name}, or give it to a cluster of its own`,
  })),
});

/** Returns what puts a NIC on its network: its address, if it does not name the network. */
export function networkPlace(nic: NonNullable<Draft<Node>['bootNic']>): SourceLocation {
  return locationOf(nic, hasLocation(nic, 'network') ? 'network' : 'ip');
}

const BOND_MODE: Trait<string> = {
  value(node) {
    const { interfaces = [], bond_options: options } = node.config?.install?.management_interface ?? {};
    // Of one NIC every mode makes the same.
    const hasChoice = interfaces.length > 1 && !isUnknown(node, 'install.management_interface.interfaces');
    const isKnown = hasChoice && !isUnknown(node, 'install.management_interface.bond_options.mode');
    return isKnown && typeof options?.mode === 'string' ? options.mode : undefined;
  },
  at: (node) => locationInConfig(node, 'install.management_interface.bond_options.mode'),
};

export const bondModeDiffers = warning('bond-mode-differs', {
  what: 'The management bonds of a cluster that have several NICs have one mode.',
  why: 'Switch ports must fit the mode of the bond: one set of ports for nodes with different modes leaves some without failover, which shows when a cable fails.',
  check: perUnlikeMember(BOND_MODE, ({ value, usual }) => ({
    message: `The management bond is in mode ${value} here, and that of ${usual.node.name} of the same cluster in ${usual.value}: their switch ports would have to differ, too.`,
    related: `${usual.node.name} has its own from`,
    help: 'set bond_options once, in defaults or a profile, for all nodes of the cluster',
  })),
});

const DEFAULT_MTU = 1500;

/** A number of management interfaces. Where the network states it, a node that says another contradicts that. */
function ofInterface(
  key: 'mtu' | 'vlan',
  said: 'mtu' | 'vlan_id',
  meant: (number: number) => number,
): Trait<number> {
  const path = `install.management_interface.${said}`;
  return {
    value(node) {
      const network = node.bootNic?.network;
      if (!network || network[key] !== undefined || isBroken(network, key)) return undefined;
      if (!node.config || isUnknown(node, path)) return undefined;
      return meant(Number(node.config.install?.management_interface?.[said] ?? 0));
    },
    at: (node) => locationInConfig(node, path),
  };
}

export const mtuDiffers = warning('mtu-differs', {
  what: 'The management interfaces of a cluster have one MTU.',
  why: 'Large packets to a node with a smaller MTU are lost without a word: it answers pings, and joining, images and replicas hang.',
  check: perUnlikeMember(
    ofInterface('mtu', 'mtu', (mtu) => mtu || DEFAULT_MTU),
    ({ value, usual }) => ({
      message: `The management interface has an MTU of ${value} here, and that of ${usual.node.name} of the same cluster ${usual.value}: large packets between them would be lost.`,
      related: `${usual.node.name} has its own from`,
      help: 'set mtu at the network, so that it holds for all its nodes, and remove mtu from config',
    }),
  ),
});

const TIME_SERVERS: Trait<string> = {
  value(node) {
    const servers = timeServers(node);
    return servers && [...new Set(servers)].sort().join(', ');
  },
  at: (node) =>
    node.config?.os?.ntp_servers?.length
      ? locationInConfig(node, 'os.ntp_servers')
      : locationOf(node, 'name'),
};

export const ntpDiffers = warning('ntp-differs', {
  what: 'The nodes of a cluster have the same time servers.',
  why: "Clocks that follow different servers can differ, which etcd and certificates do not bear; and from v1.2.0 on Harvester gives all nodes the create node's list, whatever the others were installed with.",
  check: perUnlikeMember(TIME_SERVERS, ({ node, value, usual }) => ({
    // What stands in a layer is said once, and so names no node.
    message: `${value ? `The time servers here are ${value}` : `${node.name} has no time server`}, and ${usual.node.name} of the same cluster has ${usual.value || 'none'}: their clocks could differ.`,
    related: `what ${usual.node.name} has is at`,
    help: 'name the same time servers for all, best with ntp of their network or with os.ntp_servers in defaults',
  })),
});

export const vlanDiffers = error('vlan-differs', {
  what: 'The management interfaces of a cluster are in one VLAN.',
  why: 'Nodes in different VLANs do not hear each other, nor the VIP: the node installs, and never joins.',
  check: perUnlikeMember(
    ofInterface('vlan', 'vlan_id', (vlan) => (vlan > 1 ? vlan : 0)),
    ({ value, usual }) => ({
      message: `The management interface is ${show(value)} here, and that of ${usual.node.name} of the same cluster ${show(usual.value)}: the nodes would not hear each other.`,
      related: `${usual.node.name} has its own from`,
      help: 'set vlan at the network, so that it holds for all its nodes, and remove vlan_id from config',
    }),
  ),
});

/** A VLAN in words: 0 is none. */
function show(vlan: number): string {
  return vlan === 0 ? 'untagged' : `in VLAN ${vlan}`;
}

/** Returns a check of the members of each cluster that have something else than most of them. */
export function perUnlikeMember<T>(
  trait: Trait<T>,
  say: (unlike: Unlike<T>) => { message: string; related: string; help: string },
): Rule['check'] {
  return (site, report) => {
    for (const unlike of clusterOutliers(site, trait)) {
      const { node, at, usual } = unlike;
      const { related, ...text } = say(unlike);
      report({ node, at, ...text, related: [{ message: related, at: usual.at }] });
    }
  };
}
