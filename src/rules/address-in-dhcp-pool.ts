import { networkOf } from '../site/bmc-nic.ts';
import { eachBmc } from '../site/each-bmc.ts';
import { eachNic } from '../site/each-nic.ts';
import { placeOf } from '../source/origin.ts';
import { contains } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const addressInDhcpPool: Rule = {
  code: 'address-in-dhcp-pool',
  severity: 'error',
  what: "Reserved and static addresses, management controllers' included, lie outside of their network's pool.",
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
    for (const { node, bmc } of eachBmc(site)) {
      const dhcp = bmc.address === undefined ? undefined : networkOf(bmc.address, site.networks ?? [])?.dhcp;
      if (!bmc.address || !dhcp?.pool || !contains(dhcp.pool, bmc.address)) continue;
      report({
        node,
        message: `The address ${bmc.address} of the management controller of ${node.name} is inside the DHCP pool ${dhcp.pool.text}: a stranger can be given it.`,
        at: placeOf(bmc, 'address'),
        related: [{ message: 'the pool is set at', at: placeOf(dhcp, 'pool') }],
        help: 'move the management controller out of the pool, or make the pool smaller',
      });
    }
  },
};
