import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';
import { isPlainUrl, parseServerUrl } from '../../values/server-url.ts';
import type { ImportWish } from '../kind.ts';
import type { Notes } from '../notes.ts';
import type { Text } from './fields.ts';
import type { PhsFile } from './file.ts';

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
  wish: ImportWish,
  notes: Notes,
  report: Report,
): PhsServer | undefined {
  const url = wish.server ?? urlOf(file, source, report);
  const media = mediaOf(file, notes, report);
  if (url === undefined || media === null) return undefined;
  if (wish.server !== undefined && file.server)
    notes.add('changed', 'server', `it becomes ${wish.server}, as --server says`, file.server.at);
  if (url.startsWith('https:'))
    notes.add(
      'open',
      'server',
      'phs itself speaks no https: say server.tls with the certificate of what did, or give --server with http',
      file.server?.at,
    );
  return {
    url,
    urlFrom: file.server,
    media,
    mediaFrom: file.downloadServer,
    atPhsPort: parseServerUrl(url)?.port !== PHS_PORT,
  };
}

/**
 * Gives the boot servers of several sites that stand behind the one address of a phs: the first has that address, each
 * has a port of its own, and sends on whom it does not know.
 */
export function inARow(server: PhsServer, count: number): PhsServer[] {
  const own = parseServerUrl(server.url)?.port;
  const further = Array.from({ length: count }, (_, index) => PHS_PORT + 1 + index).filter(
    (port) => port !== own,
  );
  const urls = [server.url, ...further.map((port) => `${server.url.replace(/:\d+$/, '')}:${port}`)].slice(
    0,
    count,
  );
  return urls.map((url, index) => ({
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

/** Gives null where there is a fault, undefined where nothing is said. */
function mediaOf({ downloadServer }: PhsFile, notes: Notes, report: Report): string | undefined | null {
  if (!downloadServer) {
    notes.add(
      'changed',
      'downloadserver',
      "the file has none: the boot server serves Harvester's files itself, below /harvester/, once scripts/fetch-media.sh " +
        'of the tree has fetched them',
    );
    return undefined;
  }
  const url = downloadServer.value.replace(/\/+$/, '') + MEDIA_FOLDER;
  if (isPlainUrl(url)) return url;
  report.error({
    code: 'phs-server',
    message: 'This is no URL that a machine could fetch from.',
    at: downloadServer.at,
    help: 'write http or https, a host and perhaps a path, such as https://releases.rancher.com',
  });
  return null;
}
