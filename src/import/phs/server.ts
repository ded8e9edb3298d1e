import { isoFile } from '../../knowledge/config-values.ts';
import { harvesterMedia, NEWEST_RELEASE, OLDEST_RELEASE } from '../../knowledge/harvester.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/source.ts';
import { isPlainUrl, parseServerUrl } from '../../values/urls.ts';
import { isAtLeast, isAtMost, parseVersion, type Version } from '../../values/version.ts';
import type { ImportSettings } from '../kind.ts';
import type { Findings } from '../notes.ts';
import type { PhsCluster } from './clusters.ts';
import type { PhsFile, Text } from './file.ts';

/** The port that phs listens at, and appends to `server`. Source: its main.go. */
export const PHS_PORT = 10000;

/** The folder of media below `downloadserver`. Source: its main.go. */
const MEDIA_FOLDER = '/harvester';

/** The boot server, as an inventory says it. */
export interface PhsServer {
  readonly url: string;
  readonly urlFrom?: Text | undefined;
  /** Undefined where it serves media itself. */
  readonly media?: string | undefined;
  readonly mediaFrom?: Text | undefined;
  /** Whether it must listen at phs's port, too. */
  readonly atPhsPort: boolean;
  /** Where machines of the next site are sent on to. */
  readonly next?: string | undefined;
}

/** Gives where machines fetch from; undefined where that cannot be told, which is reported. */
export function serverOf(
  file: PhsFile,
  source: Source,
  wish: ImportSettings,
  { notes, report }: Findings,
): PhsServer | undefined {
  const url = wish.server ?? urlOf(file, source, report);
  const media = file.downloadServer && file.downloadServer.value.replace(/\/+$/, '') + MEDIA_FOLDER;
  const isBad = media !== undefined && !isPlainUrl(media);
  if (file.downloadServer && isBad)
    report.error({
      code: 'phs-server',
      message: 'This is no URL that a machine could fetch from.',
      at: file.downloadServer.at,
      help: 'write http or https, a host and perhaps a path, such as https://releases.rancher.com',
    });
  const why =
    "the file has none: the boot server serves Harvester's files itself, below /harvester/, once scripts/fetch-media.sh " +
    'of the tree has fetched them';
  if (media === undefined) notes.changed('downloadserver', why);
  if (url === undefined || isBad) return undefined;
  if (wish.server !== undefined && file.server)
    notes.changed('server', `it becomes ${wish.server}, as --server says`, file.server.at);
  const reason =
    'phs itself speaks no https: say server.tls with the certificate of what did, or give --server with http';
  if (url.startsWith('https:')) notes.open('server', reason, file.server?.at);
  return {
    url,
    urlFrom: file.server,
    media,
    mediaFrom: file.downloadServer,
    atPhsPort: parseServerUrl(url)?.port !== PHS_PORT,
  };
}

/** Returns boot servers for sites behind one phs: the first has its address, each a port of its own, and sends on strangers. */
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

function urlOf({ server }: PhsFile, source: Source, report: Report): string | undefined {
  if (!server) {
    report.error({
      code: 'phs-server',
      message:
        'The file does not say where machines fetch from: the phs that it is for had its address built in.',
      at: { source, start: 0, end: 0 },
      help: `give --server http://ADDRESS:${PHS_PORT}, with the address that its boot images ask`,
    });
    return undefined;
  }
  const base = server.value.replace(/\/+$/, '');
  const address = parseServerUrl(base);
  if (address && !/:\d+$/.test(base)) return `${base}:${PHS_PORT}`;
  report.error({
    code: 'phs-server',
    message: address
      ? `phs appends :${PHS_PORT} to this, which has a port already: no machine could have fetched its configuration.`
      : 'This is no address of a server that machines reach: http or https, and a host, without a path.',
    at: server.at,
    help: `write http:// and the address alone; or give --server URL, which may have any port`,
  });
  return undefined;
}

type Named = Text & { readonly version: Version };

/** Returns the release that a cluster moves to: the one that is wished, else the file's if harvgen knows it, else the newest. */
export function releaseFor(
  { nodes }: PhsCluster,
  wished: Version | undefined,
  { notes, report }: Findings,
): Version {
  const texts = nodes.flatMap(({ version }) => version ?? []);
  const named = texts.flatMap((text) => read(text, report) ?? []);
  const [first] = named;
  const other = named.find(({ version }) => version.text !== first?.version.text);
  if (first && other)
    report.warning({
      code: 'phs-version',
      message: `The machines of one cluster boot ${first.version.text} and ${other.version.text}: a cluster is of one release.`,
      at: other.at,
      related: [{ message: 'the other is at', at: first.at }],
      help: 'install all with one release, and upgrade a cluster that runs from its dashboard',
    });
  const newest = named
    .map(({ version }) => version)
    .reduce<Version | undefined>(
      (best, one) => (best && isAtLeast(best, one.text.replace(/-.*/, '')) ? best : one),
      undefined,
    );
  const known = newest && isAtLeast(newest, OLDEST_RELEASE) ? newest : undefined;
  const release = wished ?? known ?? (parseVersion(NEWEST_RELEASE) as Version);
  const { text } = release;
  const reason =
    `${text} is newer than ${NEWEST_RELEASE}, the newest release that harvgen knows: it is treated like that one. See ` +
    'whether there is such a release, and a newer harvgen';
  if (!isAtMost(release, NEWEST_RELEASE)) notes.open('harvester.version', reason);
  const todo = `the file names no release${texts.length > 0 ? ' that there is' : ''}: ${text} is installed`;
  if (named.length === 0) notes.changed('version', todo, texts[0]?.at);
  for (const { version, at } of named) {
    const why = wished
      ? `becomes ${text}, as --harvester-version says`
      : isAtLeast(version, OLDEST_RELEASE)
        ? `becomes ${text}, as of the others of its cluster`
        : `is older than ${OLDEST_RELEASE}, the oldest release whose configuration harvgen knows: it becomes ${text}` +
          `${text === NEWEST_RELEASE ? ', the newest' : ''}; --harvester-version names another`;
    if (version.text !== text) notes.changed('version', `${version.text} ${why}`, at);
  }
  return release;
}

function read(text: Text, report: Report): Named | undefined {
  const version = parseVersion(withV(text.value));
  if (version) return { ...text, version };
  report.warning({
    code: 'phs-version',
    message: 'This is no release of Harvester: phs made a URL of it that no file has.',
    at: text.at,
    help: 'write a release such as v1.6.1, or leave it out and say --harvester-version',
  });
  return undefined;
}

/** Gives a release as its files are named: with its v. */
function withV(text: string): string {
  return /^\d/.test(text) ? `v${text}` : text;
}

/** Returns the URL of the ISO that a configuration must say: undefined where it follows from where media are. */
export function isoOf(
  iso: Text,
  kernel: Text | undefined,
  { media, release }: { readonly media: string | undefined; readonly release: Version },
  { notes, report }: Findings,
): string | undefined {
  const version = isoFile(iso.value).of?.version;
  if (version && kernel && parseVersion(withV(kernel.value)) && withV(kernel.value) !== version)
    report.warning({
      code: 'phs-iso',
      message: `The ISO is of ${version}, and the machine boots the kernel of ${withV(kernel.value)}: an installer with the files of another release.`,
      at: iso.at,
      related: [{ message: 'the kernel is chosen at', at: kernel.at }],
      help: `both are of ${release.text} now`,
    });
  const urlOf = (text: string) => `${media}/${text}/${harvesterMedia(text, 'amd64').iso}`;
  if (version && iso.value === urlOf(version)) {
    const why = `it follows from server.media and the release: ${urlOf(release.text)}`;
    if (version !== release.text) notes.changed('iso_url', why, iso.at);
    return undefined;
  }
  if (!isPlainUrl(iso.value)) {
    report.error({
      code: 'phs-value',
      message: 'This is no URL that the installer could fetch an ISO from.',
      at: iso.at,
      help: 'write http or https, a host and a path; or leave it out: it follows from where media are',
    });
    return undefined;
  }
  if (!version) {
    notes.open('iso_url', `its name does not tell the release: let ${release.text} be there`, iso.at);
    return iso.value;
  }
  const moved = iso.value.replaceAll(version, release.text);
  const text = `it is not where the other media are: let ${moved} be there, or remove iso_url, and it follows from server.media`;
  if (moved === iso.value) notes.open('iso_url', text, iso.at);
  else notes.changed('iso_url', text, iso.at);
  return moved;
}
