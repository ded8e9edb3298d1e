import { tenantsByNetwork } from '../site/tenants-by-network.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const nodeOffTenantNetwork: Rule = {
  code: 'node-off-tenant-network',
  severity: 'error',
  what: 'A node of a tenant has a NIC on the network of that tenant.',
  why: "Its tenant's network is what separates it from others': elsewhere it would be among everybody's machines.",
  check(site, report) {
    const byNetwork = tenantsByNetwork(site);
    for (const node of site.nodes ?? []) {
      const { tenant, nics = [] } = node ?? {};
      const network = tenant?.network;
      if (!node || !tenant || !network || nics.length === 0 || isBroken(node, 'nics')) continue;
      if (nics.some((nic) => !nic?.network || nic.network === network)) continue;
      // Of a network that another tenant has, tenants-share-network speaks, and of a NIC on another's node-in-two-tenants.
      if (byNetwork.get(network) !== tenant || nics.some((nic) => nic?.network && byNetwork.has(nic.network)))
        continue;
      report({
        node,
        message: `${node.name} is of ${tenant.name}, and has no NIC on ${network.name}, the network of ${tenant.name}.`,
        at: placeOf(node, 'tenant'),
        related: [{ message: `the network is given to ${tenant.name} at`, at: placeOf(tenant, 'network') }],
        help: `give it an address or a NIC on ${network.name}`,
      });
    }
  },
};
