import { placeOf } from '../origin.ts';
import { contains } from '../site/ipv4.ts';
import type { Rule } from './rule.ts';

/** A NIC's address belongs to its network, and is one that a host can have. */
export const addressOutsideSubnet: Rule = {
  code: 'address-outside-subnet',
  severity: 'error',
  why: 'A node with an address of another subnet reaches neither its gateway nor the other nodes.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      for (const nic of node?.nics ?? []) {
        const subnet = nic?.network?.subnet;
        if (!nic?.ip || !nic.network || !subnet) continue;
        const { ip } = nic;
        const special = ip === subnet.network ? 'network' : ip === subnet.broadcast ? 'broadcast' : undefined;
        if (contains(subnet, ip) && !special) continue;
        report({
          message: special
            ? `The address ${ip} of ${node?.name} is the ${special} address of ${subnet.text}: no host can have it.`
            : `The address ${ip} of ${node?.name} is outside ${subnet.text}, the subnet of ${nic.network.name}: it would reach no gateway and no other node.`,
          at: placeOf(nic, 'ip'),
          related: [{ message: 'the subnet is set at', at: placeOf(nic.network, 'subnet') }],
          help: `choose a free address of ${subnet.text}`,
        });
      }
    }
  },
};
