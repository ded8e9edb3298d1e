import { tenantsByNetwork } from '../site/tenants-by-network.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const nodeWithoutTenant: Rule = {
  code: 'node-without-tenant',
  severity: 'warning',
  what: 'A node on the network of a tenant says whose it is.',
  why: 'It may boot no image of the tenant, and tenants.allow does not let anybody fetch its files; and whether it is meant to be there nobody can tell.',
  check(site, report) {
    const byNetwork = tenantsByNetwork(site);
    for (const node of site.nodes ?? []) {
      if (!node || node.tenant || isBroken(node, 'tenant')) continue;
      const tenant = node.nics?.flatMap((nic) => (nic?.network && byNetwork.get(nic.network)) || []).at(0);
      if (!tenant) continue;
      report({
        node,
        message: `${node.name} is on ${tenant.network?.name}, the network of ${tenant.name}, and does not say whose it is.`,
        at: placeOf(node, 'name'),
        related: [{ message: `the network is given to ${tenant.name} at`, at: placeOf(tenant, 'network') }],
        help: `say \`tenant: ${tenant.name}\`; silence this of a machine that serves the tenant and is nobody's`,
      });
    }
  },
};
