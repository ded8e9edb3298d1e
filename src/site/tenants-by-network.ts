import type { Draft } from '../values/draft.ts';
import type { Network, Site, Tenant } from './model.ts';

/** Gives the tenants of a site by their networks; of two with one network the first, since that is a fault of the other. */
export function tenantsByNetwork({
  tenants = [],
}: Pick<Draft<Site>, 'tenants'>): ReadonlyMap<Draft<Network>, Draft<Tenant>> {
  const byNetwork = new Map<Draft<Network>, Draft<Tenant>>();
  for (const tenant of tenants)
    if (tenant?.network && !byNetwork.has(tenant.network)) byNetwork.set(tenant.network, tenant);
  return byNetwork;
}
