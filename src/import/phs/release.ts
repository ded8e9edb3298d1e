import { NEWEST_RELEASE, OLDEST_RELEASE } from '../../knowledge/tables/harvester-releases.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { isAtLeast, isAtMost, parseVersion, type Version } from '../../values/version.ts';
import type { Notes } from '../notes.ts';
import type { PhsCluster } from './clusters.ts';
import type { Text } from './fields.ts';

/** A release that a file names. */
interface Named {
  readonly version: Version;
  readonly text: Text;
}

/**
 * Gives the release that a cluster moves to: the one that is wished, else that of the file if harvgen knows it, else the
 * newest that it knows. Reports versions that are none, and that differ within the cluster.
 */
export function releaseFor(
  { nodes }: PhsCluster,
  wished: Version | undefined,
  notes: Notes,
  report: Report,
): Version {
  const named = nodes.flatMap(({ version }) => (version ? (read(version, report) ?? []) : []));
  const [first] = named;
  const newest = named.reduce<Named | undefined>(
    (best, one) => (best && isAtLeast(best.version, one.version.text.replace(/-.*/, '')) ? best : one),
    undefined,
  );
  const other = named.find(({ version }) => version.text !== first?.version.text);
  if (first && other && newest)
    report.warning({
      code: 'phs-version',
      message: `The machines of one cluster boot ${first.version.text} and ${other.version.text}: a cluster is of one release.`,
      at: other.text.at,
      related: [{ message: 'the other is at', at: first.text.at }],
      help: 'install all with one release, and upgrade a cluster that runs from its dashboard',
    });
  const release = wished ?? known(newest) ?? (parseVersion(NEWEST_RELEASE) as Version);
  if (!isAtMost(release, NEWEST_RELEASE))
    notes.add(
      'open',
      'harvester.version',
      `${release.text} is newer than ${NEWEST_RELEASE}, the newest release that harvgen knows: it is treated like that one. See ` +
        'whether there is such a release, and a newer harvgen',
    );
  if (named.length === 0)
    notes.add(
      'changed',
      'version',
      nodes.some(({ version }) => version)
        ? `the file names no release that there is: ${release.text} is installed`
        : `the file names no release: ${release.text} is installed`,
      nodes.find(({ version }) => version)?.version?.at,
    );
  for (const { version, text } of named)
    if (version.text !== release.text)
      notes.add('changed', 'version', `${version.text} ${whyOther(version, release, wished)}`, text.at);
  return release;
}

function whyOther(said: Version, { text }: Version, wished: Version | undefined): string {
  if (wished) return `becomes ${text}, as --harvester-version says`;
  if (isAtLeast(said, OLDEST_RELEASE)) return `becomes ${text}, as of the others of its cluster`;
  return (
    `is older than ${OLDEST_RELEASE}, the oldest release whose configuration harvgen knows: it becomes ${text}` +
    `${text === NEWEST_RELEASE ? ', the newest' : ''}; --harvester-version names another`
  );
}

function known(named: Named | undefined): Version | undefined {
  return named && isAtLeast(named.version, OLDEST_RELEASE) ? named.version : undefined;
}

/** Older files leave the v out. */
function read(text: Text, report: Report): Named | undefined {
  const version = parseVersion(withV(text.value));
  if (version) return { version, text };
  report.warning({
    code: 'phs-version',
    message: 'This is no release of Harvester: phs made a URL of it that no file has.',
    at: text.at,
    help: 'write a release such as v1.6.1, or leave it out and say --harvester-version',
  });
  return undefined;
}

/** Gives a release as its files are named: with its v. */
export function withV(text: string): string {
  return /^\d/.test(text) ? `v${text}` : text;
}
