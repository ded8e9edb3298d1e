import type { Mode } from '../knowledge/config-schema.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE } from '../knowledge/harvester.ts';
import { releaseSchema } from '../knowledge/release-schema.ts';
import { isAtLeast, isAtMost, parseVersion } from '../values/version.ts';
import { UsageError } from './read-arguments.ts';

/** `harvgen schema`: prints the closed JSON Schema of a release's configuration. Throws UsageError for what is no release. */
export function schema(version: string, { mode }: { readonly mode?: string }): number {
  const release = parseVersion(version);
  if (!release || !isAtLeast(release, OLDEST_RELEASE)) {
    throw new UsageError(
      `${version} is no release that harvgen knows: name one such as ${OLDEST_RELEASE} to ${NEWEST_RELEASE}`,
    );
  }
  if (mode !== undefined && mode !== 'create' && mode !== 'join')
    throw new UsageError(`there is no mode ${mode}; there are create, join`);
  if (!isAtMost(release, NEWEST_RELEASE)) {
    process.stderr.write(
      `harvgen: ${version} is newer than ${NEWEST_RELEASE}, the newest release known: this is the schema of that one.\n`,
    );
  }
  process.stdout.write(`${JSON.stringify(releaseSchema(release, mode as Mode | undefined), null, 2)}\n`);
  return 0;
}
