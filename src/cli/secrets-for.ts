import { basename, resolve } from 'node:path';
import type { SecretSource } from '../secrets/source.ts';
import { VARIABLE_PREFIX } from '../values/secret-name.ts';

/**
 * Gives what `--secrets` and the environment have of secrets for the sites of a call; undefined where neither has any.
 * Throws SecretsError.
 */
export async function secretsFor(
  sites: readonly string[],
  option: string | undefined,
): Promise<SecretSource | undefined> {
  const isGiven =
    option !== undefined || Object.keys(process.env).some((name) => name.startsWith(VARIABLE_PREFIX));
  // Who gives no secrets does not wait for what reads them.
  if (!isGiven) return undefined;
  const [{ readSecrets }, { refuseWithinSites }] = await Promise.all([
    import('../secrets/read-secrets.ts'),
    import('../secrets/outside-sites.ts'),
  ]);
  refuseWithinSites(option, sites);
  const names = sites.map((site) => basename(resolve(site)));
  return readSecrets(option, process.env, undefined, names);
}
