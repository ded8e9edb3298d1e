import type { Draft } from '../values/draft.ts';
import type { Tenant } from './model.ts';

/** Says whom something belongs to: "of physics", or "of no tenant". */
export function ofWhom(tenant: Draft<Tenant> | undefined): string {
  return `of ${tenant?.name ?? 'no tenant'}`;
}
