import type { Attribute } from '../hcl/value.ts';
import { PROVIDERS, type ProviderName } from './providers.ts';
import { variableCalled } from './variables.ts';

const ALL = Object.keys(PROVIDERS) as ProviderName[];

/** Tells for which provider a file is, by the variables that it sets; undefined where that cannot be told. */
export function providerOf(attributes: readonly Attribute[]): ProviderName | undefined {
  let left: readonly ProviderName[] = ALL;
  // The first that speak of others than those before are strays, which are listed.
  for (const { name } of attributes) left = narrowed(left, variableCalled(name)?.only ?? left);
  for (const { name, value } of attributes) {
    if (value.type !== 'string') continue;
    if (name === 'region') left = narrowed(left, byRegion(value.value));
    // AWS's project adds the length itself.
    if (name === 'ip_cidr_range')
      left = narrowed(left, value.value.includes('/') ? ['azure', 'google'] : ['aws']);
  }
  return left.length === 1 ? left[0] : undefined;
}

function byRegion(region: string): ProviderName[] {
  return ALL.filter((name) => PROVIDERS[name].region.test(region));
}

function narrowed(left: readonly ProviderName[], to: readonly ProviderName[]): readonly ProviderName[] {
  const both = left.filter((name) => to.includes(name));
  return both.length > 0 ? both : left;
}
