import type { Mode } from '../knowledge/config-schema.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE, standingOf } from '../knowledge/harvester.ts';
import { releaseSchema } from '../knowledge/release-schema.ts';
import { readDescriptions } from '../knowledge/schemas.ts';
import { parseVersion } from '../values/version.ts';
import { UsageError, unknownValue } from './read-arguments.ts';

/** Returns the known release that another text probably means, such as v1.4.1 for 1.4.1, or undefined. */
export function likelyRelease(text: string): string | undefined {
  const [, major, minor, patch = '0'] = /^\D{0,2}(\d+)\D(\d+)(?:\D(\d+))?$/.exec(text) ?? [];
  const release = parseVersion(`v${major}.${minor}.${patch}`);
  return release && standingOf(release) === 'known' ? release.text : undefined;
}

/** `harvgen schema`: prints the closed JSON Schema of a release's configuration. Throws UsageError for an unknown release. */
export function schema(version: string, { mode }: { readonly mode?: string }): number {
  const release = parseVersion(version);
  const standing = release ? standingOf(release) : 'impossible';
  if (!release || standing === 'old' || standing === 'impossible') {
    const meant = likelyRelease(version);
    throw new UsageError(
      `${version} is not a supported release${meant ? `: did you mean ${meant}? Use` : ': use'} one from ${OLDEST_RELEASE} to ${NEWEST_RELEASE}`,
    );
  }
  if (mode !== undefined && mode !== 'create' && mode !== 'join')
    throw unknownValue('mode', mode, ['create', 'join']);
  if (standing !== 'known') {
    const { newerThan } = standing;
    process.stderr.write(
      `harvgen: ${version} is newer than ${newerThan}, the newest known release: printing the schema of ${newerThan}.\n`,
    );
  }
  readDescriptions();
  process.stdout.write(`${JSON.stringify(releaseSchema(release, mode as Mode | undefined), null, 2)}\n`);
  return 0;
}
