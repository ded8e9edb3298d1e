import { type Place, placeOf } from '../origin.ts';
import { eachNic } from '../site/each-nic.ts';
import type { Rule } from './rule.ts';

export const duplicateIp: Rule = {
  code: 'duplicate-ip',
  severity: 'error',
  what: 'No address is given to two NICs.',
  why: "Two machines with one address cut each other off, and each may fetch the other's configuration.",
  essential: true,
  check(site, report) {
    const first = new Map<string, { name: string | undefined; at: Place }>();
    for (const { node, nic } of eachNic(site)) {
      if (!nic.ip) continue;
      const other = first.get(nic.ip);
      if (!other) {
        first.set(nic.ip, { name: node.name, at: placeOf(nic, 'ip') });
        continue;
      }
      report({
        node,
        message: `The address ${nic.ip} of ${node.name} is also that of ${other.name}: they would cut each other off.`,
        at: placeOf(nic, 'ip'),
        related: [{ message: `${other.name} has it at`, at: other.at }],
        help: `give ${node.name} an address of its own`,
      });
    }
  },
};
