import type { Node } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const duplicateNid: Rule = {
  code: 'duplicate-nid',
  severity: 'error',
  what: 'No NID stands for two nodes.',
  why: "Host names and scripts are made and found by it: of two nodes with one, one boots as the other. OpenCHAMI's own discovery gives every node NID 1 that is alone behind its management controller.",
  essential: true,
  check({ nodes = [] }, report) {
    const owners = new Map<number, Draft<Node>>();
    for (const node of nodes) {
      if (node?.nid === undefined) continue;
      const other = owners.get(node.nid);
      if (!other) {
        owners.set(node.nid, node);
        continue;
      }
      report({
        node,
        message: `The NID ${node.nid} of ${node.name} is also that of ${other.name}: one of them would get the other's script.`,
        at: placeOf(node, 'nid'),
        related: [{ message: `${other.name} has it at`, at: placeOf(other, 'nid') }],
        help: 'number the nodes of the site, from 1 on',
      });
    }
  },
};
