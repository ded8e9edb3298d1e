import { lacks, placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

/** A Harvester node has an address on its management network. */
export const missingAddress: Rule = {
  code: 'missing-address',
  severity: 'error',
  why: 'The address of a Harvester node must never change (harvester/harvester#1668), so it is stated.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || !node.bootNic || !lacks(node.bootNic, 'ip')) continue;
      report({
        message: `${node.name} has no address on the network that it boots from; a Harvester node's address must never change.`,
        at: placeOf(node, 'name'),
        help: 'give it one that is its own for ever: `ip: …`',
      });
    }
  },
};
