import { type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const duplicateNicName: Rule = {
  code: 'duplicate-nic-name',
  severity: 'error',
  what: 'No two NICs of a node have one name.',
  why: 'The kernel gives each NIC a name of its own: the installer would put the one that has it into the management bond twice, and the other one not at all.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.nics || node.nics.length < 2) continue;
      const first = new Map<string, Place>();
      for (const nic of node.nics) {
        if (nic?.name === undefined) continue;
        const at = placeOf(nic, 'name');
        const other = first.get(nic.name);
        if (!other) {
          first.set(nic.name, at);
          continue;
        }
        report({
          node,
          message: `Two NICs of ${node.name} have the name ${nic.name}: a machine has one NIC of a name.`,
          at,
          related: [{ message: 'the other one has it at', at: other }],
          help: "read the names off the machine: ip link, in a shell of Harvester's installer",
        });
      }
    }
  },
};
