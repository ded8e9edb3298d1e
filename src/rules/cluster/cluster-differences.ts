import { clusterOutliers, type Outlier, type Trait } from '../../site/clusters.ts';
import { isUnknown, locationInConfig, timeServers } from '../../site/effective.ts';
import type { Node } from '../../site/model.ts';
import { hasLocation, isBroken, locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';
import { error, type Rule, warning } from '../rule.ts';

type Network = NonNullable<NonNullable<Draft<Node>['bootNic']>['network']>;

const NETWORK: Trait<Network> = {
  value: ({ bootNic }) => bootNic?.network,
  at: (node) => (node.bootNic ? networkLocation(node.bootNic) : locationOf(node, 'name')),
};

const BOND_MODE: Trait<string> = {
  value(node) {
    const { interfaces = [], bond_options: options } = node.config?.install?.management_interface ?? {};
    // With one NIC, the mode has no effect.
    const hasChoice = interfaces.length > 1 && !isUnknown(node, 'install.management_interface.interfaces');
    const isKnown = hasChoice && !isUnknown(node, 'install.management_interface.bond_options.mode');
    return isKnown && typeof options?.mode === 'string' ? options.mode : undefined;
  },
  at: (node) => locationInConfig(node, 'install.management_interface.bond_options.mode'),
};

const DEFAULT_MTU = 1500;

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

export const clusterDifferenceRules: readonly Rule[] = [
  error('members-in-different-networks', {
    what: 'All nodes of a cluster must boot from the same network, their management network.',
    why: 'The VIP is announced by ARP, which does not leave a network: nodes on another network lose the VIP when it moves (harvester/harvester#7093).',
    check: perUnlikeMember(NETWORK, ({ cluster, node, value, usual }) => ({
      message: `${node.name} boots from the network ${value.name}, but ${usual.node.name} of the cluster ${cluster.name} from ${usual.value.name}: the VIP cannot be on both.`,
      related: `the network of ${usual.node.name} is set at`,
      help: `boot ${node.name} from a NIC on ${usual.value.name}, or move it to another cluster`,
    })),
  }),
  warning('bond-mode-differs', {
    what: 'All management bonds of a cluster with several NICs must have the same mode.',
    why: 'Switch ports must match the mode of the bond. Uniform ports leave some nodes without failover, which shows only when a cable fails.',
    check: perUnlikeMember(BOND_MODE, ({ value, usual }) => ({
      message: `The management bond has the mode ${value}, but that of ${usual.node.name} in the same cluster has ${usual.value}: their switch ports must differ, too.`,
      related: `the mode of ${usual.node.name} is from`,
      help: 'set bond_options once, in defaults or a profile, for all nodes of the cluster',
    })),
  }),
  warning('mtu-differs', {
    what: 'All management interfaces of a cluster must have the same MTU.',
    why: 'Large packets to a node with a smaller MTU are silently lost: the node answers pings, but joining, images and replicas hang.',
    check: perUnlikeMember(
      ofInterface('mtu', 'mtu', (mtu) => mtu || DEFAULT_MTU),
      ({ value, usual }) => ({
        message: `The management interface has the MTU ${value}, but that of ${usual.node.name} in the same cluster has ${usual.value}: large packets between them are lost.`,
        related: `the MTU of ${usual.node.name} is from`,
        help: 'set mtu of the network, for all its nodes, and remove mtu from config',
      }),
    ),
  }),
  warning('ntp-differs', {
    what: 'All nodes of a cluster must have the same time servers.',
    why: "With different servers, clocks can differ, which breaks etcd and certificates. From v1.2.0, Harvester sets the create node's list on all nodes, whatever they were installed with.",
    check: perUnlikeMember(TIME_SERVERS, ({ node, value, usual }) => ({
      // A value in a layer is reported once, so the message names no node.
      message: `${value ? `The time servers are ${value}` : `${node.name} has no time server`}, but ${usual.node.name} in the same cluster has ${usual.value || 'none'}: their clocks can differ.`,
      related: `the time servers of ${usual.node.name} are from`,
      help: 'set the same time servers for all nodes: ntp of their network, or os.ntp_servers in defaults',
    })),
  }),
  error('vlan-differs', {
    what: 'All management interfaces of a cluster must be in the same VLAN.',
    why: 'Nodes in different VLANs reach neither each other nor the VIP: the node installs, but never joins.',
    check: perUnlikeMember(
      ofInterface('vlan', 'vlan_id', (vlan) => (vlan > 1 ? vlan : 0)),
      ({ value, usual }) => ({
        message: `The management interface is ${vlanText(value)}, but that of ${usual.node.name} in the same cluster is ${vlanText(usual.value)}: the nodes cannot reach each other.`,
        related: `the VLAN of ${usual.node.name} is from`,
        help: 'set vlan of the network, for all its nodes, and remove vlan_id from config',
      }),
    ),
  }),
];

/** Returns the location of a NIC's network; if the NIC does not name it, of its IP address. */
export function networkLocation(nic: NonNullable<Draft<Node>['bootNic']>): SourceLocation {
  return locationOf(nic, hasLocation(nic, 'network') ? 'network' : 'ip');
}

/** Returns a trait of management interfaces. If the network sets the value, contradicts-derived reports other values. */
function ofInterface(
  key: 'mtu' | 'vlan',
  configKey: 'mtu' | 'vlan_id',
  normalize: (number: number) => number,
): Trait<number> {
  const path = `install.management_interface.${configKey}`;
  return {
    value(node) {
      const network = node.bootNic?.network;
      if (!network || network[key] !== undefined || isBroken(network, key)) return undefined;
      if (!node.config || isUnknown(node, path)) return undefined;
      return normalize(Number(node.config.install?.management_interface?.[configKey] ?? 0));
    },
    at: (node) => locationInConfig(node, path),
  };
}

/** Returns a VLAN in words; 0 is untagged. */
function vlanText(vlan: number): string {
  return vlan === 0 ? 'untagged' : `in VLAN ${vlan}`;
}

/** Returns a check of the members of each cluster whose value differs from that of most members. */
export function perUnlikeMember<T>(
  trait: Trait<T>,
  describe: (unlike: Outlier<T>) => { message: string; related: string; help: string },
): Rule['check'] {
  return (site, report) => {
    for (const unlike of clusterOutliers(site, trait)) {
      const { node, at, usual } = unlike;
      const { related, ...text } = describe(unlike);
      report(at, { node, ...text, related: [{ message: related, at: usual.at }] });
    }
  };
}
