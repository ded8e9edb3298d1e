import { lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const tenantUntagged: Rule = {
  code: 'tenant-untagged',
  severity: 'warning',
  what: 'Where there are several tenants, the network of each is a VLAN.',
  why: 'Subnets alone separate nobody: on one wire any machine can take an address of any of them.',
  check({ tenants = [] }, report) {
    if (tenants.length < 2) return;
    for (const tenant of tenants) {
      const { network } = tenant ?? {};
      if (!tenant || !network || !lacks(network, 'vlan')) continue;
      report({
        message: `The network ${network.name} of ${tenant.name} is no VLAN: nothing says what separates it from that of ${tenants.length > 2 ? 'other tenants' : 'the other tenant'}.`,
        at: selfPlace(network),
        related: [{ message: `it is given to ${tenant.name} at`, at: placeOf(tenant, 'network') }],
        help: 'say its `vlan`; silence this where each tenant has switches of its own',
      });
    }
  },
};
