import { placeOf, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const keaSharedAddress: Rule = {
  code: 'kea-shared-address',
  severity: 'warning',
  what: 'On a network of Kea one NIC of a node asks for its address.',
  why: 'Kea gives an address to one MAC until its lease ends. Another NIC of the bond that asks meanwhile, as where firmware tries one after the other, gets an address of the pool, or none.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { bootNic, bond = [] } = node ?? {};
      const dhcp = bootNic?.network?.dhcp;
      const second = bond.find((nic) => nic !== bootNic && nic?.mac !== undefined);
      if (!node || !bootNic?.ip || dhcp?.server !== 'kea' || !second) continue;
      report({
        node,
        message: `${node.name} may ask for ${bootNic.ip} by ${second.mac}, too: Kea gives it to one NIC at a time, until the lease of ${dhcp.lease} ends.`,
        at: selfPlace(second),
        related: [{ message: 'the server is named at', at: placeOf(dhcp, 'server') }],
        help: 'have its firmware boot from one NIC alone; or say a short lease, or another server: isc and dnsmasq give the address to any NIC of the bond',
      });
    }
  },
};
