import { placeOf } from '../origin.ts';
import { eachNic } from '../site/each-nic.ts';
import { contains } from '../site/ipv4.ts';
import type { Rule } from './rule.ts';

export const addressInDhcpPool: Rule = {
  code: 'address-in-dhcp-pool',
  severity: 'error',
  what: "Reserved and static addresses lie outside of their network's pool.",
  why: "The pool is for strangers: one of them can have a node's address before the node asks for it.",
  check(site, report) {
    for (const { node, nic } of eachNic(site)) {
      const dhcp = nic.network?.dhcp;
      if (!nic.ip || !dhcp?.pool || !contains(dhcp.pool, nic.ip)) continue;
      report({
        node,
        message: `The address ${nic.ip} of ${node.name} is inside the DHCP pool ${dhcp.pool.text}: a stranger can be given it.`,
        at: placeOf(nic, 'ip'),
        related: [{ message: 'the pool is set at', at: placeOf(dhcp, 'pool') }],
        help: 'move the node out of the pool, or make the pool smaller',
      });
    }
  },
};
