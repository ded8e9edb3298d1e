import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { harvesterMedia, RELEASES_URL } from '../../knowledge/harvester.ts';
import type { Site } from '../../site/model.ts';
import { formatPlace } from '../../source/diagnostics/text.ts';
import { locationOf } from '../../source/origin.ts';
import type { Medium } from './medium.ts';

/** Thrown where files cannot be pinned. The message is for the user, and nothing has been written. */
export class PinError extends Error {
  override readonly name = 'PinError';
}

const OTHER_DIGEST =
  'If the release was published anew, and you know why, remove what stands there; if not, do not boot from it';

const OTHER_SIZE =
  'The digest is the same: correct the size, or look whether the file there is whole, and remove the size if you cannot tell';

/** What a source says of the files that a release boots from. */
export interface Known {
  readonly where: string;
  readonly sha512: ReadonlyMap<string, string>;
  /** In bytes; those that cannot be told are missing. */
  readonly size: ReadonlyMap<string, number>;
}

/** A key of the inventory, and what it shall be. */
export type Pin = ReturnType<typeof pinsOf>[number];

/**
 * Gives the pins and sizes that the inventory lacks. Throws PinError where one is other: that a release has changed is what
 * pins are to tell. `folder` is what messages show paths relative to.
 */
export function pinsOf(site: Site, known: Known, folder: string) {
  const digests = differing(known.sha512, site.sha512, folder).map(
    ([name, pin, now, at]) =>
      `${name} is pinned at ${at} as\n    ${pin}\n  and ${known.where} says\n    ${now}`,
  );
  const sizes = differing(known.size, site.size, folder).map(
    ([name, pin, now, at]) => `${name} has ${pin} bytes at ${at}, and ${now} beside ${known.where}`,
  );
  // A size alone is no sign of another release: the digest would be another one, too.
  if (digests.length > 0 || sizes.length > 0)
    throw new PinError([...digests, ...sizes, digests.length > 0 ? OTHER_DIGEST : OTHER_SIZE].join('\n'));
  return (['sha512', 'size'] as const).flatMap((key) =>
    [...known[key]]
      .filter(([name]) => !Object.hasOwn(site[key], name))
      .map(([name, value]) => ({ path: ['harvester', key, name], value })),
  );
}

function differing<V>(found: ReadonlyMap<string, V>, pinned: Readonly<Record<string, V>>, folder: string) {
  return [...found]
    .filter(([name, now]) => Object.hasOwn(pinned, name) && pinned[name] !== now)
    .map(([name, now]) => [name, pinned[name], now, formatPlace(locationOf(pinned, name), folder)] as const);
}

const LINE = /^([0-9a-f]{128}) [ *](?:\.\/)?(\S+)$/i;

/**
 * Reads a release's checksum file; gives the digests of the files that are wanted, by name. `where` is what messages call
 * it. Source: `scripts/package-harvester-os` of harvester/harvester-installer, which makes it by sha512sum.
 * Throws PinError for what is not such a file, and where one of the wanted is not in it, or twice with two digests.
 */
export function readChecksums(text: string, where: string, wanted: readonly string[]): Map<string, string> {
  const noList = (why: string) => new PinError(`${where} is not a list of SHA-512 digests: ${why}`);
  const lines = text.split(/\r?\n/);
  if (lines.every((line) => line === '')) throw noList('it is empty');
  const found = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const [, written = '', name = ''] = LINE.exec(line) ?? [];
    const digest = written.toLowerCase();
    // What is there is not quoted: it may be anything.
    if (digest === '')
      throw noList(/^\s*</.test(text) ? 'it is a web page' : `its line ${index + 1} has another form`);
    if ((found.get(name) ?? digest) !== digest)
      throw new PinError(`${where} has two digests for ${name}: it cannot be trusted`);
    found.set(name, digest);
  }
  const missing = wanted.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new PinError(
      `${where} does not list ${missing.join(', ')}: it is of another release, or cut short`,
    );
  return new Map(wanted.map((name) => [name, found.get(name) ?? '']));
}

type Release = NonNullable<Medium['release']>;

/** What nobody on the way can change: this machine's own. */
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;

/** Says whether anybody between a mirror and this machine could have changed what is read from it. */
export function isUnproven(from: string): boolean {
  return /^http:/i.test(from) && URL.canParse(from) && !LOOPBACK.test(new URL(from).hostname);
}

interface ReleaseSource {
  readonly where: string;
  readonly text: string;
  /** The size of a file in bytes, if it can be told. Throws PinError where the file at hand has another digest. */
  sizeOf(name: string, sha512: string): Promise<number | undefined>;
}

/** Reads the checksum file of a release: from a mirror, a folder of media, or the file itself. Throws PinError without one. */
export async function readRelease(release: Release, from = RELEASES_URL): Promise<ReleaseSource> {
  return /^https?:\/\//i.test(from) ? await ofMirror(release, from) : ofDisk(release, from);
}

async function ofMirror({ version, arch }: Release, from: string): Promise<ReleaseSource> {
  if (/^https?:\/\/[^/]*@/i.test(from))
    throw new PinError('--from takes no login: fetch the checksum file by yourself, and name that');
  const folder = `${from.replace(/\/+$/, '')}/${version}`;
  const where = `${folder}/${harvesterMedia(version, arch).checksums}`;
  return { where, text: await fetchText(where), sizeOf: (name) => fetchSize(`${folder}/${name}`) };
}

function ofDisk({ version, arch }: Release, from: string): ReleaseSource {
  const { checksums } = harvesterMedia(version, arch);
  const where = [from, join(from, version, checksums), join(from, checksums)].find(isFile);
  if (where === undefined)
    throw new PinError(`${from} has no ${version}/${checksums}, and is no such file itself`);
  if (basename(where) !== checksums)
    throw new PinError(`${from} is called otherwise than the list of ${version} for ${arch}, ${checksums}`);
  try {
    const text = readFileSync(where, 'utf8');
    return { where, text, sizeOf: (name, sha512) => sizeOf(join(dirname(where), name), sha512, where) };
  } catch (error) {
    throw unreadable(where, error);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The size of a copy that is cut off would be pinned for ever, so all of it is read. */
async function sizeOf(path: string, sha512: string, where: string): Promise<number | undefined> {
  if (!isFile(path)) return undefined;
  const hash = createHash('sha512');
  let size = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if (hash.digest('hex') !== sha512)
    throw new PinError(`${path} is not what ${where} says: a copy that is cut off, or another file`);
  return size;
}

function unreadable(path: string, error: unknown): PinError {
  return new PinError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
}

const PATIENCE = 30_000;

/** More than any list of digests has, in bytes. */
const LARGEST = 1024 * 1024;

const MOST_HOPS = 10;

const REDIRECTS = [301, 302, 303, 307, 308];

/** What is sent is what is counted: nothing shall be packed on the way. */
const HEADERS = { 'accept-encoding': 'identity' };

/** Fetches a small text by HTTP. Throws PinError, which says why it cannot be had. */
async function fetchText(url: string): Promise<string> {
  try {
    const response = await ask(url, 'GET');
    const { status } = response;
    if (status === 404) throw lost(url, 'there is no such file (HTTP 404): is the release named right?');
    if (status !== 200) throw lost(url, `the server answers with HTTP ${status}`);
    return await bodyOf(response, url);
  } catch (error) {
    throw error instanceof PinError ? error : lost(url, reasonOf(error));
  }
}

function lost(url: string, why: string): PinError {
  return new PinError(`${url} cannot be had: ${why}`);
}

/** Gives the size of what a URL leads to; undefined where the server does not say it. Never throws. */
async function fetchSize(url: string): Promise<number | undefined> {
  try {
    const { status, headers } = await ask(url, 'HEAD');
    const length = headers.get('content-length') ?? '';
    return status === 200 && /^[1-9]\d{0,14}$/.test(length) ? Number(length) : undefined;
  } catch {
    return undefined;
  }
}

/** Asks, and goes where it is sent: each step is looked at, since one without https is enough to be deceived. */
async function ask(url: string, method: string): Promise<Response> {
  const signal = AbortSignal.timeout(PATIENCE);
  let at = new URL(url);
  for (let hops = 0; hops <= MOST_HOPS; hops += 1) {
    const response = await fetch(at.href, { method, headers: HEADERS, signal, redirect: 'manual' });
    const next = response.headers.get('location');
    if (!REDIRECTS.includes(response.status) || next === null) return response;
    await response.body?.cancel();
    at = nextHop(url, at, next);
  }
  throw lost(url, `it leads from one address to the next, more than ${MOST_HOPS} times`);
}

/** Where a redirect leads is not quoted: it may hold a login. */
function nextHop(url: string, at: URL, location: string): URL {
  if (!URL.canParse(location, at.href)) throw lost(url, 'it leads to what is no address');
  const next = new URL(location, at);
  if (next.username !== '' || next.password !== '') throw lost(url, 'it leads to an address with a login');
  if (at.protocol === 'https:' && next.protocol !== 'https:')
    throw new PinError(`${url} leads to an address without https: what comes from there proves nothing`);
  if (!/^https?:$/.test(next.protocol))
    throw lost(url, 'it leads to what is fetched neither by http nor by https');
  return next;
}

async function bodyOf({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new PinError(`${url} is not a list of SHA-512 digests: it has no end`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const BROKE_OFF = 'the answer broke off';
const SILENT = 'nothing answers there';
const NO_WAY = 'there is no way to it: name a mirror or a folder with --from';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: SILENT,
  ECONNRESET: BROKE_OFF,
  EAI_AGAIN: 'the name cannot be looked up: is there a way to the internet?',
  ENETUNREACH: NO_WAY,
  EHOSTUNREACH: NO_WAY,
  ENOTFOUND: 'there is no such server, or no way to the internet: name a mirror or a folder with --from',
  UND_ERR_SOCKET: BROKE_OFF,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: BROKE_OFF,
  UND_ERR_CONNECT_TIMEOUT: SILENT,
};

function reasonOf(error: unknown): string {
  const { name, cause, message } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${PATIENCE / 1000} seconds`;
  const { code = '', message: detail = message } = (cause ?? {}) as NodeJS.ErrnoException;
  return REASONS[code] ?? (code ? `${detail} (${code})` : detail);
}
