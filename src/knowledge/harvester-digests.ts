import { schemaOf } from './schemas.ts';

/**
 * Returns the SHA-512 of a release's file: its pin, or the digest with which rancher/harvester-cloud verifies it; undefined if neither
 * is known. Source: harvester/digests.json, derived by scripts/derive-harvester-cloud.mjs: amd64, from v1.4.0 to v1.8.1.
 */
export function digestOf(
  pins: Readonly<Record<string, string | undefined>> | undefined,
  name: string,
): string | undefined {
  const { sha512 } = schemaOf('harvester/digests.json') as { readonly sha512: Record<string, string> };
  for (const digests of [pins ?? {}, sha512]) if (Object.hasOwn(digests, name)) return digests[name];
  return undefined;
}
