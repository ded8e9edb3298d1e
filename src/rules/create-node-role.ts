import { roleOf } from '../site/cluster-shape.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** What happens, by the role that the create node is given. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  worker: 'it holds the control plane all the same, and the role would say what is not so',
  witness: 'its taint would drive off all that Harvester runs on, and the cluster would not come up',
};

export const createNodeRole: Rule = {
  code: 'create-node-role',
  severity: 'error',
  what: 'The create node is neither worker nor witness.',
  why: 'The create node holds the control plane from the start, whatever its role; the installer takes such a role without a word (harvester/harvester#4786).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.mode !== 'create' || !node.cluster) continue;
      const { role, at } = roleOf(node) ?? {};
      const consequence = role && CONSEQUENCES[role];
      if (!consequence || !at) continue;
      report({
        node,
        message: `${node.name} creates the cluster ${node.cluster.name}, and cannot be a ${role}: ${consequence}.`,
        at,
        related: [{ message: `${node.name} is the create node by`, at: placeOf(node, 'mode') }],
        help: `give ${node.name} the role default or management, or let another node create the cluster`,
      });
    }
  },
};
