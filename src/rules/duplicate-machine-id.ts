import { eachMachineId, type MachineId } from '../site/each-machine-id.ts';
import type { Rule } from './rule.ts';

export const duplicateMachineId: Rule = {
  code: 'duplicate-machine-id',
  severity: 'error',
  what: 'No UUID and no serial number of a firmware stands for two nodes.',
  why: 'Scripts are looked up by them: with two nodes for one, they would be one file, and a machine could install itself as the other.',
  essential: true,
  check(site, report) {
    const first = new Map<string, MachineId>();
    for (const one of eachMachineId(site)) {
      const other = first.get(one.id);
      if (!other) {
        first.set(one.id, one);
        continue;
      }
      report({
        node: one.node,
        message: `The ${one.what} ${one.value} of ${one.node.name} is also that of ${other.node.name}: one of them would get the other's script.`,
        at: one.at,
        related: [{ message: `${other.node.name} has it at`, at: other.at }],
        help: `read it off the machine: \`dmidecode -s system-${one.key === 'uuid' ? 'uuid' : 'serial-number'}\`, or iPXE's own screen where it finds no script`,
      });
    }
  },
};
