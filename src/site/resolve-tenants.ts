import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { brokenKeys, isBroken, keyPlaceOf, markBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { build, entries } from './build.ts';
import type { Network, Tenant } from './model.ts';

/** Makes the tenants of an inventory, in its order; reports those whose network there is not. */
export function resolveTenants(
  inventory: Draft<SiteInventory>,
  networks: readonly Draft<Network>[],
  report: Report,
): Draft<Tenant>[] {
  const { tenants = {} } = inventory;
  const byName = new Map(networks.map((network) => [network.name, network]));
  const isComplete = !isBroken(inventory, 'networks') && brokenKeys(inventory.networks ?? {}).length === 0;
  return Object.entries(tenants).flatMap(([name, said]) => {
    if (!said) return [];
    const network = said.network === undefined ? undefined : byName.get(said.network);
    if (!network && said.network !== undefined && isComplete)
      report.error({
        code: 'unknown-network',
        message: `${name} is to have the network ${said.network}, and there is no such network.`,
        at: placeOf(said, 'network'),
        help: `known networks: ${[...byName.keys()].join(', ') || 'none: define it under networks'}`,
      });
    return [
      build<Draft<Tenant>>(
        { name, network, description: said.description, allow: entries(said.allow) },
        said,
        {},
        keyPlaceOf(tenants, name),
      ),
    ];
  });
}

const byName = new WeakMap<readonly Draft<Tenant>[], ReadonlyMap<string | undefined, Draft<Tenant>>>();

/** The tenants of a site by their names: gone through once for all its nodes. */
function namesOf(tenants: readonly Draft<Tenant>[]): ReadonlyMap<string | undefined, Draft<Tenant>> {
  const known = byName.get(tenants) ?? new Map(tenants.map((tenant) => [tenant.name, tenant]));
  byName.set(tenants, known);
  return known;
}

/** Gives the tenant that something says it belongs to; reports one that there is not. */
export function tenantOf<T extends { readonly tenant?: string | undefined }>(
  said: T,
  tenants: readonly Draft<Tenant>[],
  inventory: Draft<SiteInventory>,
  report: Report,
): Draft<Tenant> | undefined {
  if (said.tenant === undefined) return undefined;
  const found = namesOf(tenants).get(said.tenant);
  if (found) return found;
  if (!isBroken(inventory, 'tenants') && brokenKeys(inventory.tenants ?? {}).length === 0)
    report.error({
      code: 'unknown-tenant',
      message: `There is no tenant ${said.tenant}.`,
      at: placeOf(said, 'tenant'),
      help: `known tenants: ${tenants.map(({ name }) => name).join(', ') || `none: define it, \`tenants: {${said.tenant}: {network: …}}\``}`,
    });
  return undefined;
}

/** Marks the tenant of something as unknown where what is said of it names one that there is not. */
export function markUnknownTenant(
  made: { readonly tenant?: unknown },
  { tenant }: { readonly tenant?: string | undefined },
): void {
  if (tenant !== undefined && made.tenant === undefined) markBroken(made, 'tenant');
}
