import type { SecretSource } from '../../src/secrets/source.ts';

/** Returns a source of secret values for every site, as if set by `--secrets`, or in the environment. */
export function secretSource(values: Readonly<Record<string, string>>, isAsked = true): SecretSource {
  return {
    isAsked,
    find: (_, name) => values[name],
    locationOf: (_, name) => (name in values ? 'secrets.yaml:1:1' : undefined),
    problemOf: () => undefined,
    names: () => Object.keys(values).sort(),
  };
}
