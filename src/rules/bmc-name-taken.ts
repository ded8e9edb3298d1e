import { bmcNics } from '../site/bmc-nic.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const bmcNameTaken: Rule = {
  code: 'bmc-name-taken',
  severity: 'error',
  what: "No node is called as another one's management controller is by DHCP: `<node>-bmc`.",
  why: 'Two machines of one name: a DHCP server gives it to the first that asks, or calls the configuration faulty.',
  check({ nodes = [], networks = [] }, report) {
    const bmcs = [...bmcNics(nodes, networks)].filter(({ bmc }) => bmc.network.dhcp);
    if (bmcs.length === 0) return;
    const byName = new Map(nodes.flatMap((node) => (node?.name ? [[node.name.split('.')[0], node]] : [])));
    for (const { node, bmc } of bmcs) {
      const other = byName.get(bmc.name.split('.')[0]);
      if (!other) continue;
      report({
        node,
        message: `The management controller of ${node.name} is ${bmc.name} to DHCP, which is the name of a node.`,
        at: placeOf(other, 'name'),
        related: [{ message: `${node.name} is at`, at: placeOf(node, 'name') }],
        help: `rename ${other.name}, or remove the MAC address of the controller: without one it has no reservation`,
      });
    }
  },
};
