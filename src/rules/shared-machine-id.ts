import { isSharedSerial, isSharedUuid } from '../knowledge/tables/shared-machine-ids.ts';
import { eachMachineId } from '../site/each-machine-id.ts';
import type { Rule } from './rule.ts';

export const sharedMachineId: Rule = {
  code: 'shared-machine-id',
  severity: 'warning',
  what: "A node's UUID and serial number are its own, and not what firmware says whose maker has set none.",
  why: 'Every other machine with the same firmware is found by them, too, and would install itself as this node.',
  check(site, report) {
    for (const { node, what, key, value, at } of eachMachineId(site)) {
      if (!(key === 'uuid' ? isSharedUuid(value) : isSharedSerial(value))) continue;
      report({
        node,
        message: `${value} as the ${what} of ${node.name} is what very many machines have whose maker has set none.`,
        at,
        help: `remove ${key}, and give the node its MAC address, or what else is its own`,
      });
    }
  },
};
