import { iscsiNic } from '../site/iscsi-disk.ts';
import type { Network, Node } from '../site/model.ts';
import { isBroken, lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { contains } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const iscsiUnreachable: Rule = {
  code: 'iscsi-unreachable',
  severity: 'error',
  what: 'A node that boots by iSCSI is on a network of its server, or has a gateway to it.',
  why: 'Neither iPXE nor the system after it has any other way: without a route to the server the node has no disk.',
  check({ nodes = [] }, report) {
    const seen = new Set<string>();
    for (const node of nodes) {
      // Harvester's installer brings up the NIC that leads there, and iPXE alone that which it boots from.
      const network = (node?.os === 'harvester' ? iscsiNic(node) : node?.bootNic)?.network;
      const address = node?.iscsi?.address;
      if (!node || !network || address === undefined || hasRoute(network, address)) continue;
      const key = `${network.name} ${address}`;
      if (seen.has(key)) continue;
      seen.add(key);
      report({
        message: `${node.name} boots by iSCSI from ${address}, which is not on ${network.name}, and that has no gateway: it could not reach its disk.`,
        at: selfPlace(network),
        related: [{ message: `${node.name} boots by iSCSI by`, at: placeOf(node as Draft<Node>, 'os') }],
        help: `add gateway; or the address that the iSCSI server has on ${network.name}, \`iscsi: …\``,
      });
    }
  },
};

/** Whether machines of a network have a way to an address, or may be told of one that is not known here. */
function hasRoute(network: Draft<Network>, address: string): boolean {
  if (!network.subnet || contains(network.subnet, address) || !lacks(network, 'gateway')) return true;
  return isBroken(network, 'dhcp') || network.dhcp?.server === 'external';
}
