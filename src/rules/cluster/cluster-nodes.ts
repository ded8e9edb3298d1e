import {
  clusterOutliers,
  clusterShapes,
  membersOf,
  type Outlier,
  roleNameOf,
  roleOf,
  type Trait,
  workersBy,
} from '../../site/clusters.ts';
import { effective, isUnknown, locationInConfig, timeServers } from '../../site/effective.ts';
import { managementNetwork } from '../../site/management.ts';
import type { Node } from '../../site/model.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import { hasLocation, isBroken, locationOf, selfLocation } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { removeAt, removeKey, replaceValue, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesSince, nodesWith, per, type Rule, warning } from '../rule.ts';

const CONSEQUENCES: Readonly<Record<string, string>> = {
  worker: 'it holds the control plane anyway, and the role has no effect',
  witness: "its taint evicts Harvester's own pods, and the cluster does not start",
};

const ZONE = 'topology.kubernetes.io/zone';

export const clusterNodeRules = [
  essential('create-node-count', {
    what: 'Each cluster must have exactly one create node, or none if it `exists`.',
    why: 'Without a create node, the others wait to join forever; two create nodes make two clusters that compete for one VIP.',
  }).check((site, report) => {
    const { clusters = [], nodes = [] } = site;
    // A node with an error may be the create node of any cluster.
    if (isBroken(site, 'nodes')) return;
    if (nodes.some((node) => !node?.os || !node.mode || isBroken(node, 'cluster'))) return;
    // If there are several clusters, a node that does not name its cluster may belong to any.
    const isAnyUnassigned = nodes.some((node) => node?.os === 'harvester' && !node.cluster);
    for (const cluster of clusters) {
      const members = cluster ? membersOf(cluster) : [];
      const creating = members.filter((node) => node.mode === 'create');
      if (cluster?.exists) {
        for (const node of creating)
          report(locationOf(node, 'mode'), {
            message: `${node.name} creates the cluster ${cluster.name}, which exists: there would be two clusters with one VIP.`,
            related: [{ message: 'exists is set at', at: locationOf(cluster, 'exists') }],
            fix: suggestedFix(removeKey(node, 'mode')),
            help: `remove mode: create from ${node.name}, so that it joins; or, for a new cluster, remove exists`,
          });
        continue;
      }
      const [first, ...others] = creating;
      if (cluster?.exists === false && members.length > 0 && !first && !isAnyUnassigned)
        report(selfLocation(cluster), {
          message: `No node creates the cluster ${cluster.name}: ${namesOf(members)} wait to join it.`,
          help: 'set `mode: create` for one of them; or, if the cluster is running already, set `exists: true` for it',
        });
      for (const extra of others) {
        const isOwn =
          first && locationKey(locationOf(extra, 'mode')) !== locationKey(locationOf(first, 'mode'));
        report(locationOf(extra, 'mode'), {
          message: `${extra.name} and ${first?.name} both create the cluster ${cluster?.name}: there would be two clusters with one VIP.`,
          related: first && [
            { message: `${first.name} is set as the create node at`, at: locationOf(first, 'mode') },
          ],
          fix: isOwn ? suggestedFix(removeKey(extra, 'mode')) : undefined,
          help: `remove mode: create from ${extra.name}, so that it joins`,
        });
      }
    }
  }),
  error('create-node-role', {
    what: 'The create node must be neither a worker nor a witness.',
    why: 'The create node holds the control plane from the start, whatever its role; the installer silently accepts such a role (harvester/harvester#4786).',
  }).check(nodesWith('mode', (mode) => mode === 'create').each, (node, report) => {
    if (!node.cluster) return;
    const { role, at } = roleOf(node) ?? {};
    const consequence = role && CONSEQUENCES[role];
    if (!consequence || !at) return;
    report(at, {
      message: `${node.name} creates the cluster ${node.cluster.name} and cannot be a ${role}: ${consequence}.`,
      related: [{ message: `${node.name} is set as the create node at`, at: locationOf(node, 'mode') }],
      help: `set the role of ${node.name} to default or management, or set \`mode: create\` for another node`,
    });
  }),
  warning('two-node-cluster', {
    what: 'A cluster must have one node, or at least three.',
    why: 'Two members of etcd have no majority without each other, so Harvester keeps the second node a worker until there is a third (harvester/harvester#3266). The cluster stops with its create node.',
  }).check(per.item(clusterShapes), ({ cluster, members, create, witness }, report) => {
    // witness-without-partners reports a witness.
    if (members.length !== 2 || witness) return;
    report(selfLocation(cluster), {
      message: `The cluster ${cluster.name} has two nodes: Harvester promotes none before there are three, and without ${create.name} the cluster stops.`,
      help: 'add a third node (from v1.3.0, a small witness is enough), or make it a cluster of one node',
    });
  }),
  warning('even-etcd-members', {
    what: 'In a cluster of three or more nodes, the number that can hold etcd must not be two.',
    why: 'Two members of etcd have no majority without each other, so Harvester promotes no node before three can hold etcd (harvester/harvester#7901): the cluster stops with its create node.',
  }).check(per.item(clusterShapes), ({ cluster, members, create, etcd, witness }, report) => {
    // witness-without-partners reports a witness.
    if (members.length < 3 || etcd.length !== 2 || witness) return;
    report(selfLocation(cluster), {
      message: `Only ${namesOf(etcd)} of the ${members.length} nodes of ${cluster.name} can hold etcd: Harvester promotes none before three can, and without ${create.name} the cluster stops.`,
      related: workersBy(members),
      help: 'set the role of a third node to default, management or witness',
    });
  }),
  error('several-witnesses', {
    what: 'A cluster must have at most one witness.',
    why: 'Only one witness votes in Harvester. Another one holds no etcd, volumes or virtual machines, and is not one of the three nodes that failover requires (harvester/harvester#5070).',
  }).check(per.cluster, (cluster, report) => {
    const [first, ...others] = membersOf(cluster).flatMap((node) => {
      // create-node-role reports a create node.
      const found = node.mode === 'create' || roleNameOf(node) !== 'witness' ? undefined : roleOf(node);
      return found ? { node, at: found.at } : [];
    });
    for (const { node, at } of others)
      report(at, {
        node,
        dedupe: true,
        message: `${node.name} and ${first?.node.name} are both witnesses of the cluster ${cluster.name}: only one votes, and the other does nothing.`,
        related: first && [{ message: `${first.node.name} is set as a witness at`, at: first.at }],
        help: `set another role for ${node.name}`,
      });
  }),
  warning('witness-without-partners', {
    what: 'A cluster with a witness must have two other nodes that can hold the control plane.',
    why: 'A witness is the third vote next to two management nodes: before three nodes can hold etcd, Harvester promotes none, not even the witness (harvester/harvester#3266).',
  }).check(per.item(clusterShapes), ({ cluster, members, create, etcd, witness }, report) => {
    const at = witness && roleOf(witness)?.at;
    if (!witness || !at || etcd.length > 2) return;
    if (members.some((node) => node !== witness && roleNameOf(node) === 'witness')) return;
    report(at, {
      node: witness,
      message: `${witness.name} is a witness, but only ${create.name} of the cluster ${cluster.name} can hold the control plane: the witness never votes, and without ${create.name} the cluster stops.`,
      related: workersBy(members),
      help: 'add a second node with the role default or management to the cluster',
    });
  }),
  error('witness-data-disk', {
    what: 'From v1.6.0, a witness must not have a data disk.',
    why: 'A witness holds no volumes. The installer formats its data disk, whatever its size, but never mounts it; before v1.6.0 it did, and the disk could save space on the other.',
  }).check(nodesSince('v1.6.0').eachOnce, (node, report) => {
    const role = roleOf(node);
    const disk = effective(node, 'install.data_disk');
    // A data disk with the name of the system disk has no effect.
    if (role?.role !== 'witness' || !disk?.value || disk.value === node.config?.install?.device) return;
    report(disk.at, {
      message: `${node.name} is a witness and stores nothing: its data disk ${disk.value} would be formatted but never used.`,
      related: [{ message: `${node.name} is set as a witness at`, at: role.at }],
      fix: suggestedFix(removeAt(disk.at)),
      help: 'remove data_disk; or, if other nodes need it, move it to a profile without the witness',
    });
  }),
  warning('cordoned-early', {
    what: 'At least three nodes of a cluster that can hold etcd must not be cordoned.',
    why: 'Harvester promotes no cordoned node, and none at all before it can promote three (harvester/harvester#11074). Until a node is uncordoned, the cluster stops with its create node.',
  }).check(per.item(clusterShapes), ({ cluster, create, etcd, witness }, report) => {
    if (!cluster.version || !isAtLeast(cluster.version, 'v1.9.0') || etcd.length < 3) return;
    // Other rules report a cordoned create node or witness, which the installer rejects.
    const candidates = etcd
      .filter((node) => node !== create && node !== witness)
      .map((node) => ({ node, found: effective(node, 'install.cordoned') }));
    if (candidates.some(({ found }) => !found)) return;
    const cordoned = candidates.flatMap(({ node, found }) =>
      found?.value === true ? { node, at: found.at } : [],
    );
    const [first, ...others] = cordoned;
    if (!first || etcd.length - cordoned.length >= 3) return;
    const free = etcd.filter((node) => !cordoned.some((one) => one.node === node));
    report(first.at, {
      node: first.node,
      message: `Only ${namesOf(free)} of the nodes of ${cluster.name} that can hold etcd ${free.length > 1 ? 'are' : 'is'} not cordoned: Harvester promotes none before there are three, and without ${create.name} the cluster stops.`,
      related: others
        .filter(({ at }) => locationKey(at) !== locationKey(first.at))
        .map(({ node, at }) => ({ message: `${node.name} is cordoned at`, at })),
      help: 'cordon only workers, or only nodes beyond three that can hold etcd; or cordon nodes after they have joined',
    });
  }),
  error('cordoned-witness', {
    what: 'A witness must not be cordoned.',
    why: 'The installer stops at the console with "install.cordoned can\'t be set for nodes with the witness role" (harvester/harvester#4424).',
  }).check(nodesSince('v1.9.0').each, (node, report) => {
    if (node.mode !== 'join') return;
    const role = roleOf(node);
    const cordoned = effective(node, 'install.cordoned');
    if (role?.role !== 'witness' || cordoned?.value !== true) return;
    report(cordoned.at, {
      message: `${node.name} is a witness and cannot be cordoned: its installer stops.`,
      related: [{ message: `${node.name} is set as a witness at`, at: role.at }],
      fix: suggestedFix(replaceValue(cordoned.at, false)),
      help: `set cordoned: false for ${node.name}: a witness takes no workloads anyway`,
    });
  }),
  warning('replica-count-too-high', {
    what: 'Volumes must not have more replicas than their cluster has nodes with storage.',
    why: 'Longhorn keeps one replica of a volume per node: with too few nodes, every volume stays degraded forever (harvester/harvester#4159).',
  }).check(per.item(clusterShapes), ({ cluster, members, create }, report) => {
    if (!cluster.version || !isAtLeast(cluster.version, 'v1.2.0')) return;
    const storageClass = create.userConfig?.install?.harvester?.storage_class;
    const replicas = storageClass?.replica_count;
    if (!storageClass || replicas === undefined) return;
    const nodes = members.filter((node) => roleNameOf(node) !== 'witness').length;
    if (replicas <= nodes) return;
    report(locationOf(storageClass, 'replica_count'), {
      node: create,
      message: `Each volume has ${replicas} replicas, but the cluster ${cluster.name} has ${nodes === 1 ? 'one node' : `${nodes} nodes`} with storage: volumes stay degraded forever.`,
      related: [{ message: 'the cluster is defined at', at: selfLocation(cluster) }],
      fix: suggestedFix(setKey(storageClass, 'replica_count', nodes)),
      help: `set replica_count: ${nodes}, or remove it: by default, it is the number of nodes with storage`,
    });
  }),
  warning('zone-labels', {
    what: `Either all nodes that can hold etcd must have the label ${ZONE}, with at least three values, or none.`,
    why: 'With zones, Harvester promotes one management node in each zone, and none unless there are three zones (harvester/harvester#2325, harvester/harvester#6546).',
  }).check(per.item(clusterShapes), ({ cluster, create, etcd }, report) => {
    // With fewer nodes, Harvester promotes none, whatever the zones.
    if (etcd.length < 3) return;
    if (!etcd.some((node) => node.config?.os?.labels?.[ZONE]) || !etcd.every(hasKnownLabels)) return;
    const zoned = etcd.map((node) => {
      const labels = node.config?.os?.labels;
      const zone = labels?.[ZONE];
      return { node, zone, at: labels && zone ? locationOf(labels, ZONE) : locationOf(node, 'name') };
    });
    const labelled = zoned.find(({ zone }) => zone);
    if (!labelled) return;
    const [lacking, ...others] = zoned.filter(({ zone }) => !zone);
    if (lacking) {
      const without = [lacking, ...others].map(({ node }) => node);
      report(lacking.at, {
        node: lacking.node,
        message: `${namesOf(without)} ${others.length > 0 ? 'have' : 'has'} no label ${ZONE}, but ${labelled.node.name} in the same cluster has one: Harvester promotes only nodes with a zone, and needs three zones.`,
        related: [{ message: `${labelled.node.name} has the label at`, at: labelled.at }],
        help: 'label all nodes that can hold etcd, with at least three zones, or none of them',
      });
      return;
    }
    const byZone = new Map<string | undefined, SourceLocation>();
    for (const { zone, at } of zoned) if (!byZone.has(zone)) byZone.set(zone, at);
    if (byZone.size >= 3) return;
    const [first, second] = byZone.values();
    report(first ?? labelled.at, {
      message: `The ${etcd.length} nodes of ${cluster.name} that can hold etcd are in ${byZone.size === 1 ? 'one zone' : 'two zones'}: with fewer than three, Harvester promotes none, and without ${create.name} the cluster stops.`,
      related: second ? [{ message: 'the other zone is at', at: second }] : [],
      help: `spread these nodes over three zones, or replace ${ZONE} with a custom label`,
    });
  }),
  warning('no-failover', {
    what: 'In a cluster of three or more nodes, not only the create node must be able to hold etcd.',
    why: 'Harvester never promotes a worker (harvester/harvester#4786): without the create node, there is no API and no VIP, and no virtual machine can be changed.',
  }).check(per.item(clusterShapes), ({ cluster, members, create, etcd }, report) => {
    if (members.length < 3 || etcd.length > 1) return;
    report(selfLocation(cluster), {
      message: `Only ${create.name} of the ${members.length} nodes of ${cluster.name} can hold etcd, all others are workers: without it, the cluster stops.`,
      related: workersBy(members),
      help: 'set the role of two other nodes to default or management',
    });
  }),
];

function hasKnownLabels(node: Draft<Node>): boolean {
  const { facts, config } = node;
  if (!facts || !config || isBroken(facts, 'labels') || isUnknown(node, 'os.labels')) return false;
  return !isBroken(facts.labels ?? {});
}

type Network = NonNullable<NonNullable<Draft<Node>['bootNic']>['network']>;

const NETWORK: Trait<Network> = {
  // A cluster with a network of its own has only that.
  value: ({ bootNic, cluster }) => (cluster?.network ? undefined : bootNic?.network),
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

export const clusterDifferenceRules = [
  error('members-in-different-networks', {
    what: 'All nodes of a cluster must boot from the same network, unless `network` of the cluster sets another management network.',
    why: 'The VIP is announced by ARP, which does not leave a network: nodes on another network lose the VIP when it moves (harvester/harvester#7093).',
  }).check(perUnlikeMember(NETWORK), ({ cluster, node, value, usual }) => ({
    message: `${node.name} boots from the network ${value.name}, but ${usual.node.name} of the cluster ${cluster.name} from ${usual.value.name}: the VIP cannot be on both.`,
    related: `the network of ${usual.node.name} is set at`,
    help: `boot ${node.name} from a NIC on ${usual.value.name}, or move it to another cluster; or, if all nodes run on another network, set network of the cluster`,
  })),
  warning('bond-mode-differs', {
    what: 'All management bonds of a cluster with several NICs must have the same mode.',
    why: 'Switch ports must match the mode of the bond. Uniform ports leave some nodes without failover, which shows only when a cable fails.',
  }).check(perUnlikeMember(BOND_MODE), ({ value, usual }) => ({
    message: `The management bond has the mode ${value}, but that of ${usual.node.name} in the same cluster has ${usual.value}: their switch ports must differ, too.`,
    related: `the mode of ${usual.node.name} is from`,
    help: 'set bond_options once, in defaults or a profile, for all nodes of the cluster',
  })),
  warning('mtu-differs', {
    what: 'All management interfaces of a cluster must have the same MTU.',
    why: 'Large packets to a node with a smaller MTU are silently lost: the node answers pings, but joining, images and replicas hang.',
  }).check(perUnlikeMember(ofInterface('mtu', 'mtu', (mtu) => mtu || 1500)), ({ value, usual }) => ({
    message: `The management interface has the MTU ${value}, but that of ${usual.node.name} in the same cluster has ${usual.value}: large packets between them are lost.`,
    related: `the MTU of ${usual.node.name} is from`,
    help: 'set mtu of the network, for all its nodes, and remove mtu from config',
  })),
  warning('ntp-differs', {
    what: 'All nodes of a cluster must have the same time servers.',
    why: "With different servers, clocks can differ, which breaks etcd and certificates. From v1.2.0, Harvester sets the create node's list on all nodes, whatever they were installed with.",
  }).check(perUnlikeMember(TIME_SERVERS), ({ node, value, usual }) => ({
    // A value in a layer is reported once, so the message names no node.
    message: `${value ? `The time servers are ${value}` : `${node.name} has no time server`}, but ${usual.node.name} in the same cluster has ${usual.value || 'none'}: their clocks can differ.`,
    related: `the time servers of ${usual.node.name} are from`,
    help: 'set the same time servers for all nodes: ntp of their network, or os.ntp_servers in defaults',
  })),
  error('vlan-differs', {
    what: 'All management interfaces of a cluster must be in the same VLAN.',
    why: 'Nodes in different VLANs reach neither each other nor the VIP: the node installs, but never joins.',
  }).check(
    perUnlikeMember(ofInterface('vlan', 'vlan_id', (vlan) => (vlan > 1 ? vlan : 0))),
    ({ value, usual }) => ({
      message: `The management interface is ${vlanText(value)}, but that of ${usual.node.name} in the same cluster is ${vlanText(usual.value)}: the nodes cannot reach each other.`,
      related: `the VLAN of ${usual.node.name} is from`,
      help: 'set vlan of the network, for all its nodes, and remove vlan_id from config',
    }),
  ),
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
      const network = managementNetwork(node);
      if (!network || network[key] !== undefined || isBroken(network, key)) return undefined;
      if (!node.config || isUnknown(node, path)) return undefined;
      return normalize(Number(node.config.install?.management_interface?.[configKey] ?? 0));
    },
    at: (node) => locationInConfig(node, path),
  };
}

/** Returns a VLAN in words; 0 is untagged. */
const vlanText = (vlan: number): string => (vlan === 0 ? 'untagged' : `in VLAN ${vlan}`);

/** Returns a check of the members of each cluster whose value differs from that of most members. */
export function perUnlikeMember<T>(trait: Trait<T>) {
  return (
    describe: (unlike: Outlier<T>) => { message: string; related: string; help: string },
  ): Rule['check'] =>
    (site, report) => {
      for (const unlike of clusterOutliers(site, trait)) {
        const { node, at, usual } = unlike;
        const { related, ...text } = describe(unlike);
        report(at, { node, ...text, related: [{ message: related, at: usual.at }] });
      }
    };
}
