import type { SecretSource } from '../../src/secrets/source.ts';

/** Gives values of secrets for every site, as if they were asked for by `--secrets`, or stood in the environment. */
export function secretSource(values: Readonly<Record<string, string>>, isAsked = true): SecretSource {
  return {
    isAsked,
    find: (_, name) => values[name],
    placeOf: (_, name) => (name in values ? 'secrets.yaml:1:1' : undefined),
    faultOf: () => undefined,
    names: () => Object.keys(values).sort(),
  };
}
