import { isoFile } from '../../knowledge/config-values.ts';
import { harvesterMedia, NEWEST_RELEASE, OLDEST_RELEASE, standingOf } from '../../knowledge/harvester.ts';
import type { Source } from '../../source/source.ts';
import { isPlainUrl, parseServerUrl } from '../../values/urls.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import type { Text } from '../model/config-values.ts';
import type { ImportSettings } from '../model/import-format.ts';
import type { Findings } from '../model/notes.ts';
import type { PhsCluster } from './clusters.ts';
import type { PhsFile } from './file.ts';

/** The port on which phs listens, and which it appends to `server`. Source: its main.go. */
export const PHS_PORT = 10000;

/** The directory of installation media in `downloadserver`. Source: its main.go. */
const MEDIA_FOLDER = '/harvester';

/** The boot server, as in an inventory. */
export interface PhsServer {
  readonly url: string;
  readonly urlFrom?: Text | undefined;
  /** Undefined if it serves the media itself. */
  readonly media?: string | undefined;
  readonly mediaFrom?: Text | undefined;
  /** Whether it must also listen on phs's port. */
  readonly atPhsPort: boolean;
  /** The URL to which machines of the next site are redirected. */
  readonly next?: string | undefined;
}

/** Returns the boot server; reports an error and returns undefined if it is unknown. */
export function serverOf(
  file: PhsFile,
  source: Source,
  options: ImportSettings,
  findings: Findings,
): PhsServer | undefined {
  const { notes } = findings;
  const url = options.server ?? urlOf(file, source, findings);
  const media = file.downloadServer && file.downloadServer.value.replace(/(?<!\/)\/+$/, '') + MEDIA_FOLDER;
  const isBad = media !== undefined && !isPlainUrl(media);
  if (file.downloadServer && isBad)
    findings.error(
      'phs-server',
      file.downloadServer.at,
      'This is not a URL from which a machine can download.',
      'write http or https, a host and an optional path, such as https://releases.rancher.com',
    );
  const why =
    'the file has none: the boot server itself serves the installation media at /harvester/, after scripts/fetch-media.sh ' +
    'of the output tree has downloaded them';
  if (media === undefined) notes.changed('downloadserver', why);
  if (url === undefined || isBad) return undefined;
  if (options.server !== undefined && file.server)
    notes.changed('server', `it becomes ${options.server}, as set by --server`, file.server.at);
  const reason =
    'phs does not support https: set server.tls with the certificate of its proxy, or add --server with http';
  if (url.startsWith('https:')) notes.open('server', reason, file.server?.at);
  return {
    url,
    urlFrom: file.server,
    media,
    mediaFrom: file.downloadServer,
    atPhsPort: parseServerUrl(url)?.port !== PHS_PORT,
  };
}

/** Returns boot servers for the sites of one phs: the first has its URL, the others new ports; each redirects to the next. */
export function inARow(server: PhsServer, count: number): PhsServer[] {
  const own = parseServerUrl(server.url)?.port;
  const ports = Array.from({ length: count }, (_, index) => PHS_PORT + 1 + index).filter(
    (port) => port !== own,
  );
  const further = ports.map((port) => `${server.url.replace(/:\d+$/, '')}:${port}`);
  return [server.url, ...further].slice(0, count).map((url, index, urls) => ({
    ...server,
    url,
    next: urls[index + 1],
    atPhsPort: index === 0 && server.atPhsPort,
  }));
}

function urlOf({ server }: PhsFile, source: Source, findings: Findings): string | undefined {
  if (!server)
    return findings.error(
      'phs-server',
      { source, start: 0, end: 0 },
      'The file has no server: its version of phs had the URL built in.',
      `add --server http://ADDRESS:${PHS_PORT}, with the IP address that its boot images use`,
    );
  const base = server.value.replace(/(?<!\/)\/+$/, '');
  const address = parseServerUrl(base);
  if (address && !/:\d+$/.test(base)) return `${base}:${PHS_PORT}`;
  return findings.error(
    'phs-server',
    server.at,
    address
      ? `phs appends :${PHS_PORT} to this, which already has a port: no machine can download its configuration.`
      : 'This is not the URL of a server: it must be http or https and a host, without a path.',
    `write only http:// and the IP address; or add --server URL, with any port`,
  );
}

type Named = Text & { readonly version: Version };

/** Returns the release of a cluster: the requested one, otherwise that of the file if it is supported, otherwise the newest. */
export function releaseFor(
  { nodes }: PhsCluster,
  requested: Version | undefined,
  findings: Findings,
): Version {
  const { notes } = findings;
  const texts = nodes.flatMap(({ version }) => version ?? []);
  const named = texts.flatMap((text) => readVersion(text, findings) ?? []);
  const [first] = named;
  const other = named.find(({ version }) => version.text !== first?.version.text);
  if (first && other)
    findings.warning(
      'phs-version',
      other.at,
      `The machines of one cluster boot ${first.version.text} and ${other.version.text}: a cluster must have one release.`,
      'install all machines with one release, and upgrade a running cluster from its dashboard',
      ['the other is at', first.at],
    );
  const newest = named
    .map(({ version }) => version)
    .reduce<Version | undefined>((best, one) => (best && isAtLeast(best, one.text) ? best : one), undefined);
  const known = newest && isAtLeast(newest, OLDEST_RELEASE) ? newest : undefined;
  const release = requested ?? known ?? (parseVersion(NEWEST_RELEASE) as Version);
  const { text } = release;
  const standing = standingOf(release);
  const like = typeof standing === 'object' ? standing.newerThan : NEWEST_RELEASE;
  const reason =
    `${text} is newer than ${like}, the newest release that harvgen supports: it is treated like that one. ` +
    'Check that the release exists, and look for a newer harvgen';
  if (standing !== 'known') notes.open('harvester.version', reason);
  const todo = `the file contains no ${texts.length > 0 ? 'valid ' : ''}release: ${text} is installed`;
  if (named.length === 0) notes.changed('version', todo, texts[0]?.at);
  for (const { version, at } of named) {
    const why = requested
      ? `becomes ${text}, as set by --harvester-version`
      : isAtLeast(version, OLDEST_RELEASE)
        ? `becomes ${text}, like the others of its cluster`
        : `is older than ${OLDEST_RELEASE}, the oldest release that harvgen supports: it becomes ${text}` +
          `${text === NEWEST_RELEASE ? ', the newest' : ''}; add --harvester-version for another`;
    if (version.text !== text) notes.changed('version', `${version.text} ${why}`, at);
  }
  return release;
}

function readVersion(text: Text, findings: Findings): Named | undefined {
  const version = parseVersion(withV(text.value));
  if (version) return { ...text, version };
  return findings.warning(
    'phs-version',
    text.at,
    'This is not a release of Harvester: phs derives a URL from it that does not exist.',
    'write a release such as v1.6.1, or remove it and add --harvester-version',
  );
}

/** Returns a release with the leading v of its file names. */
function withV(text: string): string {
  return /^\d/.test(text) ? `v${text}` : text;
}

/** Returns the URL of the ISO for a configuration; undefined if it is derived from the URL of the media. */
export function isoOf(
  iso: Text,
  kernel: Text | undefined,
  { media, release }: { readonly media: string | undefined; readonly release: Version },
  findings: Findings,
): string | undefined {
  const { notes } = findings;
  const version = isoFile(iso.value).of?.version;
  if (version && kernel && parseVersion(withV(kernel.value)) && withV(kernel.value) !== version)
    findings.warning(
      'phs-iso',
      iso.at,
      `The ISO is of ${version}, but the machine boots the kernel of ${withV(kernel.value)}: the site uses ${release.text} for both.`,
      'use one release for both',
      ['the release of the kernel is at', kernel.at],
    );
  const urlOf = (text: string) => `${media}/${text}/${harvesterMedia(text, 'amd64').iso}`;
  if (version && iso.value === urlOf(version)) {
    const why = `harvgen derives it from server.media and the release: ${urlOf(release.text)}`;
    if (version !== release.text) notes.changed('iso_url', why, iso.at);
    return undefined;
  }
  if (!isPlainUrl(iso.value))
    return findings.error(
      'phs-value',
      iso.at,
      'This is not a URL from which the installer can download an ISO.',
      'write http or https, a host and a path; or remove it, so that harvgen derives it from server.media',
    );
  if (!version) {
    notes.open('iso_url', `its name does not contain the release: provide ${release.text} there`, iso.at);
    return iso.value;
  }
  const moved = iso.value.replaceAll(version, release.text);
  const text = `it is not with the other media: provide ${moved}, or remove iso_url, so that harvgen derives it from server.media`;
  if (moved === iso.value) notes.open('iso_url', text, iso.at);
  else notes.changed('iso_url', text, iso.at);
  return moved;
}
