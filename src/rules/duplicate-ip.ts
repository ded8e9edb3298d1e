import { type Place, placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

/** No address is given to two NICs. */
export const duplicateIp: Rule = {
  code: 'duplicate-ip',
  severity: 'error',
  why: "Two machines with one address cut each other off, and each may fetch the other's configuration.",
  check({ nodes = [] }, report) {
    const first = new Map<string, { name: string; at: Place }>();
    for (const node of nodes) {
      for (const nic of node?.nics ?? []) {
        if (!nic?.ip) continue;
        const name = String(node?.name);
        const other = first.get(nic.ip);
        if (!other) {
          first.set(nic.ip, { name, at: placeOf(nic, 'ip') });
          continue;
        }
        report({
          message: `The address ${nic.ip} of ${name} is also that of ${other.name}: they would cut each other off.`,
          at: placeOf(nic, 'ip'),
          related: [{ message: `${other.name} has it at`, at: other.at }],
          help: `give ${name} an address of its own`,
        });
      }
    }
  },
};
