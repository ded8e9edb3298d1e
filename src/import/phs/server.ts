import { NEWEST_RELEASE, OLDEST_RELEASE, standingOf } from '../../knowledge/harvester.ts';
import type { Source } from '../../source/source.ts';
import { isPlainUrl, parseServerUrl } from '../../values/urls.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import type { ImportSettings } from '../model/import-format.ts';
import type { Findings } from '../model/notes.ts';
import type { PhsFile, PhsNode } from './file.ts';

/** The port on which phs listens, and which it appends to `server`. Source: its main.go. */
export const PHS_PORT = 10000;

/** Slashes at the end of a URL, except those after its scheme. */
const SLASHES = /(?<!\/)\/+$/;

/** Returns the URL of the boot server; reports an error and returns undefined if it is unknown. */
export function serverUrlOf(
  { server }: PhsFile,
  source: Source,
  { server: requested }: ImportSettings,
  findings: Findings,
): string | undefined {
  const error = findings.error.bind(findings, 'phs-server');
  const why = `it becomes ${requested}, as set by --server`;
  const tls =
    'phs does not support https: set server.tls with the certificate of its proxy, or add --server with http';
  const base = server?.value.replace(SLASHES, '') ?? '';
  if (requested !== undefined && server) findings.notes.changed('server', why, server.at);
  if ((requested ?? base).startsWith('https:')) findings.notes.open('server', tls, server?.at);
  if (requested !== undefined) return requested;
  const none = 'The file has no server: its version of phs had the URL built in.';
  const todo = `add --server http://ADDRESS:${PHS_PORT}, with the IP address that its boot images use`;
  if (!server) return error({ source, start: 0, end: 0 }, none, todo);
  const isUrl = parseServerUrl(base) !== undefined;
  if (isUrl && !/:\d+$/.test(base)) return `${base}:${PHS_PORT}`;
  const message = isUrl
    ? `phs appends :${PHS_PORT} to this, which already has a port: no machine can download its configuration.`
    : 'This is not the URL of a server: it must be http or https and a host, without a path.';
  return error(
    server.at,
    message,
    'write only http:// and the IP address; or add --server URL, with any port',
  );
}

/** Returns the base URL of the installation media; undefined if the boot server itself serves them. */
export function mediaOf({ downloadserver: base }: PhsFile, findings: Findings): string | undefined {
  const why =
    'the file has none: the boot server itself serves the installation media at /harvester/, after scripts/fetch-media.sh ' +
    'of the output tree has downloaded them';
  if (!base) return findings.notes.changed('downloadserver', why);
  // The directory is from main.go of phs.
  const media = `${base.value.replace(SLASHES, '')}/harvester`;
  const message = 'This is not a URL from which a machine can download.';
  const help = 'write http or https, a host and an optional path, such as https://releases.rancher.com';
  return isPlainUrl(media) ? media : findings.error('phs-server', base.at, message, help);
}

/** Returns URLs for the sites of one phs, because nginx has one site per port: its own, then further ports. */
export function inARow(url: string, count: number): string[] {
  const ports = Array.from({ length: count }, (_, index) => PHS_PORT + 1 + index);
  const further = ports.filter((port) => port !== parseServerUrl(url)?.port);
  return [url, ...further.map((port) => `${url.replace(/:\d+$/, '')}:${port}`)].slice(0, count);
}

/** Returns a release with the leading v of its file names. */
export function withV(text: string): string {
  return /^\d/.test(text) ? `v${text}` : text;
}

/** Returns the release of a cluster: the requested one, otherwise that of the file if it is supported, otherwise the newest. */
export function releaseFor(
  nodes: readonly PhsNode[],
  requested: Version | undefined,
  findings: Findings,
): Version {
  const { notes } = findings;
  const texts = nodes.flatMap(({ version }) => version ?? []);
  const named = texts.flatMap(({ value, at }) => {
    const version = parseVersion(withV(value));
    return version ? { version, at } : [];
  });
  const invalid = 'This is not a release of Harvester: phs derives a URL from it that does not exist.';
  const todo = 'write a release such as v1.6.1, or remove it and add --harvester-version';
  for (const { value, at } of texts)
    if (!parseVersion(withV(value))) findings.warning('phs-version', at, invalid, todo);
  const [first] = named;
  const other = named.find(({ version }) => version.text !== first?.version.text);
  const message = `The machines of one cluster boot ${first?.version.text} and ${other?.version.text}: a cluster must have one release.`;
  const help = 'install all machines with one release, and upgrade a running cluster from its dashboard';
  if (other) findings.warning('phs-version', other.at, message, help, ['the other is at', first?.at]);
  const isKnown = (version: Version) => isAtLeast(version, OLDEST_RELEASE);
  const [newest] = named
    .flatMap(({ version }) => (isKnown(version) ? version : []))
    .sort((a, b) => (isAtLeast(a, b.text) ? -1 : 1));
  const release = requested ?? newest ?? (parseVersion(NEWEST_RELEASE) as Version);
  const { text } = release;
  const standing = standingOf(release);
  const like = typeof standing === 'object' ? standing.newerThan : NEWEST_RELEASE;
  const unknown =
    `${text} is newer than ${like}, the newest release that harvgen supports: it is treated like that one. ` +
    'Check that the release exists, and look for a newer harvgen';
  if (standing !== 'known') notes.open('harvester.version', unknown);
  const none = `the file contains no ${texts.length > 0 ? 'valid ' : ''}release: ${text} is installed`;
  if (!first) notes.changed('version', none, texts[0]?.at);
  for (const { version, at } of named) {
    const why = requested
      ? `becomes ${text}, as set by --harvester-version`
      : isKnown(version)
        ? `becomes ${text}, like the others of its cluster`
        : `is older than ${OLDEST_RELEASE}, the oldest release that harvgen supports: it becomes ${text}` +
          `${text === NEWEST_RELEASE ? ', the newest' : ''}; add --harvester-version for another`;
    if (version.text !== text) notes.changed('version', `${version.text} ${why}`, at);
  }
  return release;
}
