import { clusterShapes, membersOf, roleNameOf, roleOf, workersBy } from '../site/clusters.ts';
import { effective, isUnknown } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { hasErrors, isBroken, locationOf, selfLocation } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { error, essential, warning } from './rule.ts';
import { nodesSince, nodesWhose, perCluster, perItem } from './support.ts';

export const createNodeCount = essential('create-node-count', {
  what: 'Each cluster is made by exactly one node.',
  why: 'Without a create node nothing can be joined; two of them make two clusters that fight for one VIP.',
  check(site, report) {
    const { clusters = [], nodes = [] } = site;
    // A node that is not known in full may be the create node of any cluster.
    if (isBroken(site, 'nodes')) return;
    if (nodes.some((node) => !node?.os || !node.mode || isBroken(node, 'cluster'))) return;
    // One that does not say its cluster, where there are several, may be meant for any.
    const homeless = nodes.some((node) => node?.os === 'harvester' && !node.cluster);
    for (const cluster of clusters) {
      const members = cluster ? membersOf(cluster) : [];
      const [first, ...others] = members.filter((node) => node.mode === 'create');
      if (cluster && members.length > 0 && !first && !homeless)
        report({
          message: `No node creates the cluster ${cluster.name}: ${namesOf(members)} would wait to join it.`,
          at: selfLocation(cluster),
          help: 'give one of them `mode: create`; where the cluster stands, one that is not to be installed anew',
        });
      for (const extra of others)
        report({
          message: `${extra.name} creates the cluster ${cluster?.name}, and so does ${first?.name}: there would be two clusters with one VIP.`,
          at: locationOf(extra, 'mode'),
          related: first && [
            { message: `${first.name} is the create node by`, at: locationOf(first, 'mode') },
          ],
          help: `remove mode: create from ${extra.name}, so that it joins`,
        });
    }
  },
});

/** What happens, by the role that the create node is given. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  worker: 'it holds the control plane all the same, and the role would say what is not so',
  witness: 'its taint would drive off all that Harvester runs on, and the cluster would not come up',
};

export const createNodeRole = error('create-node-role', {
  what: 'The create node is neither worker nor witness.',
  why: 'The create node holds the control plane from the start, whatever its role; the installer takes such a role without a word (harvester/harvester#4786).',
  check: nodesWhose('mode', (mode) => mode === 'create').each((node, report) => {
    if (!node.cluster) return;
    const { role, at } = roleOf(node) ?? {};
    const consequence = role && CONSEQUENCES[role];
    if (!consequence || !at) return;
    report({
      message: `${node.name} creates the cluster ${node.cluster.name}, and cannot be a ${role}: ${consequence}.`,
      at,
      related: [{ message: `${node.name} is the create node by`, at: locationOf(node, 'mode') }],
      help: `give ${node.name} the role default or management, or let another node create the cluster`,
    });
  }),
});

export const twoNodeCluster = warning('two-node-cluster', {
  what: 'A cluster has one node, or three and more.',
  why: 'Two members of etcd have no majority without each other, so Harvester leaves the second node a worker until there is a third (harvester/harvester#3266): the cluster stops with its create node.',
  check: perItem(clusterShapes, ({ cluster, members, create, witness }, report) => {
    // Of a witness without partners its own rule speaks.
    if (members.length !== 2 || witness) return;
    report({
      message: `The cluster ${cluster.name} has two nodes: Harvester promotes none before there are three, and without ${create.name} the cluster stops.`,
      at: selfLocation(cluster),
      help: 'add a third node, for which from v1.3.0 on a small witness is enough; or make it a cluster of one',
    });
  }),
});

export const evenEtcdMembers = warning('even-etcd-members', {
  what: 'In a cluster of three and more nodes not just two can hold etcd.',
  why: 'Two members of etcd have no majority without each other, so Harvester promotes no node before three can hold etcd (harvester/harvester#7901): the cluster stops with its create node.',
  check: perItem(clusterShapes, ({ cluster, members, create, etcd, witness }, report) => {
    // Of a witness without partners its own rule speaks.
    if (members.length < 3 || etcd.length !== 2 || witness) return;
    report({
      message: `Only ${namesOf(etcd)} of the ${members.length} nodes of ${cluster.name} can hold etcd: Harvester promotes none before three can, and without ${create.name} the cluster stops.`,
      at: selfLocation(cluster),
      related: workersBy(members),
      help: 'give a third node the role default, management or witness',
    });
  }),
});

export const severalWitnesses = error('several-witnesses', {
  what: 'A cluster has at most one witness.',
  why: 'Harvester lets one witness vote: another one holds no etcd, no volumes and no virtual machines, and does not count towards the three nodes that it takes for failover (harvester/harvester#5070).',
  check: perCluster((cluster, report) => {
    const [first, ...others] = membersOf(cluster).flatMap((node) => {
      // That the create node is none is said by create-node-role.
      const found = node.mode === 'create' || roleNameOf(node) !== 'witness' ? undefined : roleOf(node);
      return found ? { node, at: found.at } : [];
    });
    for (const { node, at } of others)
      report({
        node,
        dedupe: true,
        message: `${node.name} is a witness of the cluster ${cluster.name}, and so is ${first?.node.name}: only one would vote, and the other do nothing at all.`,
        at,
        related: first && [{ message: `${first.node.name} is a witness by`, at: first.at }],
        help: `give ${node.name} another role`,
      });
  }),
});

export const witnessWithoutPartners = warning('witness-without-partners', {
  what: 'A cluster with a witness has two other nodes that can hold the control plane.',
  why: 'A witness is the third vote beside two management nodes: Harvester promotes no node, the witness neither, before three can hold etcd (harvester/harvester#3266).',
  check: perItem(clusterShapes, ({ cluster, members, create, etcd, witness }, report) => {
    const at = witness && roleOf(witness)?.at;
    if (!witness || !at || etcd.length > 2) return;
    if (members.some((node) => node !== witness && roleNameOf(node) === 'witness')) return;
    report({
      node: witness,
      message: `${witness.name} is a witness, and only ${create.name} of the cluster ${cluster.name} can hold the control plane: the witness never votes, and without ${create.name} the cluster stops.`,
      at,
      related: workersBy(members),
      help: 'give the cluster a second node with the role default or management',
    });
  }),
});

export const witnessDataDisk = error('witness-data-disk', {
  what: 'From v1.6.0 on, a witness has no data disk.',
  why: 'A witness holds no volumes. The installer formats its data disk all the same, without looking at its size, and never mounts it; before v1.6.0 it did mount it, and the disk could spare room on the other.',
  check: nodesSince('v1.6.0').eachOnce((node, report) => {
    const role = roleOf(node);
    const disk = effective(node, 'install.data_disk');
    // One that is the disk of the system by the same name is taken for none.
    if (role?.role !== 'witness' || !disk?.value || disk.value === node.config?.install?.device) return;
    report({
      message: `${node.name} is a witness, and stores nothing: its data disk ${disk.value} would be formatted, and never used.`,
      at: disk.at,
      related: [{ message: `${node.name} is a witness by`, at: role.at }],
      help: 'remove data_disk; where it is for other nodes, move it to a profile that the witness does not have',
    });
  }),
});

export const cordonedEarly = warning('cordoned-early', {
  what: 'Three nodes of a cluster that can hold etcd are not cordoned.',
  why: 'Harvester promotes no cordoned node, and none at all before three can be (harvester/harvester#11074): until somebody uncordons one, the cluster stops with its create node.',
  check: perItem(clusterShapes, ({ cluster, create, etcd, witness }, report) => {
    if (!cluster.version || !isAtLeast(cluster.version, 'v1.9.0') || etcd.length < 3) return;
    // The installer refuses these two, which is a fault of its own.
    const looked = etcd
      .filter((node) => node !== create && node !== witness)
      .map((node) => ({ node, found: effective(node, 'install.cordoned') }));
    if (looked.some(({ found }) => !found)) return;
    const cordoned = looked.flatMap(({ node, found }) =>
      found?.value === true ? { node, at: found.at } : [],
    );
    const [first, ...others] = cordoned;
    if (!first || etcd.length - cordoned.length >= 3) return;
    const free = etcd.filter((node) => !cordoned.some((one) => one.node === node));
    report({
      node: first.node,
      message: `Of the nodes of ${cluster.name} that can hold etcd, only ${namesOf(free)} ${free.length > 1 ? 'are' : 'is'} not cordoned: Harvester promotes none before there are three, and without ${create.name} the cluster stops.`,
      at: first.at,
      related: others
        .filter(({ at }) => locationKey(at) !== locationKey(first.at))
        .map(({ node, at }) => ({ message: `${node.name} is cordoned at`, at })),
      help: 'cordon workers, or nodes beyond three that can hold etcd; or uncordon them once they have joined',
    });
  }),
});

export const cordonedWitness = error('cordoned-witness', {
  what: 'A witness is not cordoned.',
  why: 'The installer stops on the console with "install.cordoned can\'t be set for nodes with the witness role" (harvester/harvester#4424).',
  check: nodesSince('v1.9.0').each((node, report) => {
    if (node.mode !== 'join') return;
    const role = roleOf(node);
    const cordoned = effective(node, 'install.cordoned');
    if (role?.role !== 'witness' || cordoned?.value !== true) return;
    report({
      message: `${node.name} is a witness, and cannot be cordoned: its installer would stop.`,
      at: cordoned.at,
      related: [{ message: `${node.name} is a witness by`, at: role.at }],
      help: `set cordoned: false for ${node.name}: a witness takes no workloads anyway`,
    });
  }),
});

export const replicaCountTooHigh = warning('replica-count-too-high', {
  what: 'Volumes have no more replicas than their cluster has nodes with storage.',
  why: 'Longhorn keeps one replica of a volume on a node: with too few nodes every volume stays degraded for ever (harvester/harvester#4159).',
  check: perItem(clusterShapes, ({ cluster, members, create }, report) => {
    if (!cluster.version || !isAtLeast(cluster.version, 'v1.2.0')) return;
    const storageClass = create.userConfig?.install?.harvester?.storage_class;
    const replicas = storageClass?.replica_count;
    if (!storageClass || replicas === undefined) return;
    const nodes = members.filter((node) => roleNameOf(node) !== 'witness').length;
    if (replicas <= nodes) return;
    report({
      node: create,
      message: `Each volume is to have ${replicas} replicas, and the cluster ${cluster.name} has ${nodes === 1 ? 'one node' : `${nodes} nodes`} with storage: volumes would stay degraded for ever.`,
      at: locationOf(storageClass, 'replica_count'),
      related: [{ message: 'the cluster is at', at: selfLocation(cluster) }],
      help: `set replica_count: ${nodes}, or remove it: as many as there are nodes with storage are derived`,
    });
  }),
});

const ZONE = 'topology.kubernetes.io/zone';

export const zoneLabels = warning('zone-labels', {
  what: `Of the nodes that can hold etcd all have the label ${ZONE}, with three values at least, or none has.`,
  why: 'Where nodes have zones, Harvester makes one management node in each, and promotes none unless there are three zones (harvester/harvester#2325, harvester/harvester#6546).',
  check: perItem(clusterShapes, ({ cluster, create, etcd }, report) => {
    if (etcd.length < 3) return; // nothing is promoted then, whatever the zones
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
      report({
        node: lacking.node,
        message: `${namesOf(without)} ${others.length > 0 ? 'have' : 'has'} no label ${ZONE}, and ${labelled.node.name} of the same cluster has one: with zones Harvester promotes only nodes that have one, and needs three of them.`,
        at: lacking.at,
        related: [{ message: `${labelled.node.name} has the label at`, at: labelled.at }],
        help: 'label all nodes that can hold etcd, with three zones at least, or none',
      });
      return;
    }
    const byZone = new Map<string | undefined, SourceLocation>();
    for (const { zone, at } of zoned) if (!byZone.has(zone)) byZone.set(zone, at);
    if (byZone.size >= 3) return;
    const [first, second] = byZone.values();
    report({
      message: `The ${etcd.length} nodes of ${cluster.name} that can hold etcd are in ${byZone.size === 1 ? 'one zone' : 'two zones'}: Harvester promotes none unless there are three, and without ${create.name} the cluster stops.`,
      at: first ?? labelled.at,
      related: second ? [{ message: 'the other zone is at', at: second }] : [],
      help: `spread these nodes over three zones, or leave ${ZONE} out and use a label of your own`,
    });
  }),
});

function hasKnownLabels(node: Draft<Node>): boolean {
  const { facts, config } = node;
  if (!facts || !config || isBroken(facts, 'labels') || isUnknown(node, 'os.labels')) return false;
  return !hasErrors(facts.labels ?? {});
}

export const noFailover = warning('no-failover', {
  what: 'In a cluster of three and more nodes others than the create node can hold etcd.',
  why: 'Harvester never promotes a worker (harvester/harvester#4786): with the create node the API, the VIP and every change of a virtual machine are gone.',
  check: perItem(clusterShapes, ({ cluster, members, create, etcd }, report) => {
    if (members.length < 3 || etcd.length > 1) return;
    report({
      message: `Only ${create.name} of the ${members.length} nodes of ${cluster.name} can hold etcd, all others are workers: without it the cluster stops.`,
      at: selfLocation(cluster),
      related: workersBy(members),
      help: 'give two other nodes the role default or management',
    });
  }),
});
