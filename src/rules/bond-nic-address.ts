import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const bondNicAddress: Rule = {
  code: 'bond-nic-address',
  severity: 'error',
  what: 'Of the NICs of a management bond, the one that boots alone has an address.',
  why: 'A bond has one address; a second one for one of its NICs is given or not, by which NIC happens to ask.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      for (const nic of node?.bond ?? []) {
        if (!nic?.ip || !node?.bootNic || nic === node.bootNic) continue;
        report({
          node,
          message: `${node.name} has a second address, ${nic.ip}, on the network that it boots from: its NICs there form one bond.`,
          at: placeOf(nic, 'ip'),
          ...(node.bootNic.ip
            ? { related: [{ message: 'its address is set at', at: placeOf(node.bootNic, 'ip') }] }
            : {}),
          help: 'remove the second address, or put the NIC on another network',
        });
      }
    }
  },
};
