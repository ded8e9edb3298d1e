import { clusterShapes, roleNameOf, roleOf, workersBy } from '../site/cluster-shape.ts';
import type { Rule } from './rule.ts';

export const witnessWithoutPartners: Rule = {
  code: 'witness-without-partners',
  severity: 'warning',
  what: 'A cluster with a witness has two other nodes that can hold the control plane.',
  why: 'A witness is the third vote beside two management nodes: Harvester promotes no node, the witness neither, before three can hold etcd (harvester/harvester#3266).',
  check(site, report) {
    for (const { cluster, members, create, etcd, witness } of clusterShapes(site)) {
      const at = witness && roleOf(witness)?.at;
      if (!witness || !at || etcd.length > 2) continue;
      if (members.some((node) => node !== witness && roleNameOf(node) === 'witness')) continue;
      report({
        node: witness,
        message: `${witness.name} is a witness, and only ${create.name} of the cluster ${cluster.name} can hold the control plane: the witness never votes, and without ${create.name} the cluster stops.`,
        at,
        related: workersBy(members),
        help: 'give the cluster a second node with the role default or management',
      });
    }
  },
};
