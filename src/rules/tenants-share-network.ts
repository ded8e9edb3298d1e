import type { Network, Tenant } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const tenantsShareNetwork: Rule = {
  code: 'tenants-share-network',
  severity: 'error',
  what: "Each tenant has a network that is no other tenant's.",
  why: "Machines of one network hear each other: one tenant's could take the address of another's, and with it its files and its disk.",
  essential: true,
  check({ tenants = [] }, report) {
    const first = new Map<Draft<Network>, Draft<Tenant>>();
    for (const tenant of tenants) {
      if (!tenant?.network) continue;
      const other = first.get(tenant.network);
      if (!other) {
        first.set(tenant.network, tenant);
        continue;
      }
      report({
        message: `The network ${tenant.network.name} of ${tenant.name} is also that of ${other.name}: nothing would separate them.`,
        at: placeOf(tenant, 'network'),
        related: [{ message: `${other.name} has it at`, at: placeOf(other, 'network') }],
        help: `give ${tenant.name} a network of its own`,
      });
    }
  },
};
