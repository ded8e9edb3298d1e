import type { Mode } from '../knowledge/config-schema.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE, standingOf } from '../knowledge/harvester.ts';
import { releaseSchema } from '../knowledge/release-schema.ts';
import { parseVersion } from '../values/version.ts';
import { UsageError } from './read-arguments.ts';

/** `harvgen schema`: prints the closed JSON Schema of a release's configuration. Throws UsageError for an unknown release. */
export function schema(version: string, { mode }: { readonly mode?: string }): number {
  const release = parseVersion(version);
  const standing = release ? standingOf(release) : 'impossible';
  if (!release || standing === 'old' || standing === 'impossible') {
    throw new UsageError(
      `${version} is not a supported release: use one from ${OLDEST_RELEASE} to ${NEWEST_RELEASE}`,
    );
  }
  if (mode !== undefined && mode !== 'create' && mode !== 'join')
    throw new UsageError(`unknown mode ${mode}; modes: create, join`);
  if (standing !== 'known') {
    const { newerThan } = standing;
    process.stderr.write(
      `harvgen: ${version} is newer than ${newerThan}, the newest known release: printing the schema of ${newerThan}.\n`,
    );
  }
  process.stdout.write(`${JSON.stringify(releaseSchema(release, mode as Mode | undefined), null, 2)}\n`);
  return 0;
}
