import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { harvesterMedia, RELEASES_URL } from '../../knowledge/harvester.ts';
import { digestOf } from '../../knowledge/harvester-digests.ts';
import type { Medium } from '../../plan/medium.ts';
import type { Site } from '../../site/model.ts';
import { formatLocation } from '../../source/diagnostics/text.ts';
import { locationOf } from '../../source/origin.ts';

/** Thrown if files cannot be pinned. The message is for the user; nothing has been written. */
export class PinError extends Error {
  override readonly name = 'PinError';
}

const OTHER_DIGEST =
  'If the release was published again for a known reason, replace these pins; otherwise do not boot from it';

const OTHER_SIZE =
  'The digest is the same: correct the size, or check that the file is complete; if in doubt, remove the size';

/** The digests and sizes in bytes of the boot files of a release by file name, from a source. Unknown sizes are missing. */
export interface Known {
  readonly where: string;
  readonly sha512: ReadonlyMap<string, string>;
  readonly size: ReadonlyMap<string, number>;
}

/** Returns the pins and sizes that the inventory lacks. Throws PinError if one differs. Messages show paths relative to `folder`. */
export function pinsOf(site: Site, known: Known, folder: string) {
  const placeOf = (pins: Readonly<Record<string, unknown>>, name: string) =>
    Object.hasOwn(pins, name) ? `at ${formatLocation(locationOf(pins, name), folder)}` : 'by harvgen';
  const digests = [...known.sha512].flatMap(([name, now]) => {
    const pin = digestOf(site.sha512, name);
    if (pin === undefined || pin === now) return [];
    const at = placeOf(site.sha512, name);
    return [`${name} is pinned ${at} as\n    ${pin}\n  but ${known.where} contains\n    ${now}`];
  });
  const sizes = [...known.size].flatMap(([name, now]) => {
    const pin = site.size[name];
    if (pin === undefined || pin === now) return [];
    return [`${name} has ${pin} bytes ${placeOf(site.size, name)}, but ${now} beside ${known.where}`];
  });
  // In another release the digest would differ too, so a size alone proves nothing.
  if (digests.length > 0 || sizes.length > 0)
    throw new PinError([...digests, ...sizes, digests.length > 0 ? OTHER_DIGEST : OTHER_SIZE].join('\n'));
  return (['sha512', 'size'] as const).flatMap((key) =>
    [...known[key]]
      .filter(([name]) => !Object.hasOwn(site[key], name))
      .map(([name, value]) => ({ path: ['harvester', key, name], value })),
  );
}

/**
 * Reads a release's checksum file; returns the digests of the wanted files by name. Messages call the file `where`.
 * Source: `scripts/package-harvester-os` of harvester/harvester-installer, which creates it with sha512sum.
 * Throws PinError for another file, and if a wanted file is missing or has two digests.
 */
export function readChecksums(text: string, where: string, wanted: readonly string[]): Map<string, string> {
  const invalid = (why: string) => new PinError(`${where} is not a SHA-512 checksum file: ${why}`);
  const lines = text.split(/\r?\n/);
  if (lines.every((line) => line === '')) throw invalid('it is empty');
  const found = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const [, written = '', name = ''] = /^([0-9a-f]{128}) [ *](?:\.\/)?(\S+)$/i.exec(line) ?? [];
    const digest = written.toLowerCase();
    // Does not quote the line, which may contain anything.
    if (digest === '')
      throw invalid(/^\s*</.test(text) ? 'it is a web page' : `its line ${index + 1} has another format`);
    if ((found.get(name) ?? digest) !== digest)
      throw new PinError(`${where} has two digests for ${name}: it cannot be trusted`);
    found.set(name, digest);
  }
  const missing = wanted.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new PinError(
      `${where} does not list ${missing.join(', ')}: it belongs to another release, or is truncated`,
    );
  return new Map(wanted.map((name) => [name, found.get(name) ?? '']));
}

/** Whether someone between a mirror and this machine could change its files. */
export function isUnproven(from: string): boolean {
  if (!/^http:/i.test(from) || !URL.canParse(from)) return false;
  return !/^(127\.[\d.]+|localhost|\[::1\])$/.test(new URL(from).hostname);
}

interface ReleaseSource {
  readonly where: string;
  readonly text: string;
  /** Returns the size of a file in bytes, if known. Throws PinError if a local file has another digest. */
  sizeOf(name: string, sha512: string): Promise<number | undefined>;
}

/** Reads the checksum file of a release: from a mirror, a directory of media, or its path. Throws PinError if it is missing. */
export async function readRelease(
  { version, arch }: NonNullable<Medium['release']>,
  from = RELEASES_URL,
): Promise<ReleaseSource> {
  const { checksums } = harvesterMedia(version, arch);
  if (/^https?:\/\/[^/]*@/i.test(from))
    throw new PinError('--from does not accept credentials: download the checksum file and pass its path');
  if (/^https?:\/\//i.test(from)) {
    const folder = `${from.replace(/(?<!\/)\/+$/, '')}/${version}`;
    const where = `${folder}/${checksums}`;
    return { where, text: await fetchText(where), sizeOf: (name) => fetchSize(`${folder}/${name}`) };
  }
  const where = [from, join(from, version, checksums), join(from, checksums)].find(isFile);
  if (where === undefined)
    throw new PinError(`${from} does not contain ${version}/${checksums}, and is not such a file`);
  if (basename(where) !== checksums)
    throw new PinError(`${from} must be named ${checksums}, the checksum file of ${version} for ${arch}`);
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

/** Reads the whole file, because the size of a truncated copy would stay pinned. */
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
    throw new PinError(`${path} does not match ${where}: it is truncated, or another file`);
  return size;
}

function unreadable(path: string, error: unknown): PinError {
  return new PinError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
}

const TIMEOUT = 30_000;

const MAX_HOPS = 10;

/** Downloads a small text by HTTP. Throws PinError with the reason if it fails. */
async function fetchText(url: string): Promise<string> {
  try {
    const response = await request(url, 'GET');
    const { status } = response;
    if (status === 404) throw failed(url, 'there is no such file (HTTP 404): check the release');
    if (status !== 200) throw failed(url, `the server returned HTTP ${status}`);
    return await bodyOf(response, url);
  } catch (error) {
    throw error instanceof PinError ? error : failed(url, reasonOf(error));
  }
}

function failed(url: string, why: string): PinError {
  return new PinError(`${url} cannot be fetched: ${why}`);
}

/** Returns the size of a file at a URL; undefined if the server does not report it. Never throws. */
async function fetchSize(url: string): Promise<number | undefined> {
  try {
    const { status, headers } = await request(url, 'HEAD');
    const length = headers.get('content-length') ?? '';
    return status === 200 && /^[1-9]\d{0,14}$/.test(length) ? Number(length) : undefined;
  } catch {
    return undefined;
  }
}

/** Sends a request and follows redirects. Checks each one, because a single step without https allows manipulation. */
async function request(url: string, method: string): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT);
  let at = new URL(url);
  for (let hops = 0; hops <= MAX_HOPS; hops += 1) {
    // Without compression, content-length is the size of the file.
    const headers = { 'accept-encoding': 'identity' };
    const response = await fetch(at.href, { method, headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    // Does not quote the target of a redirect, which may contain credentials.
    if (!URL.canParse(location, at.href)) throw failed(url, 'it redirects to an invalid URL');
    const next = new URL(location, at);
    if (next.username !== '' || next.password !== '') throw failed(url, 'it redirects to a URL with a login');
    if (at.protocol === 'https:' && next.protocol !== 'https:')
      throw new PinError(`${url} redirects to a URL without https: its content is not authenticated`);
    if (!/^https?:$/.test(next.protocol))
      throw failed(url, 'it redirects to a URL that is neither http nor https');
    at = next;
  }
  throw failed(url, `it has more than ${MAX_HOPS} redirects`);
}

async function bodyOf({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > 1024 * 1024)
      throw new PinError(`${url} is not a SHA-512 checksum file: it is larger than 1 MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const INTERRUPTED = 'the response was interrupted';
const NO_RESPONSE = 'the server does not respond';
const NO_ROUTE = 'there is no route to it: pass a mirror or a directory with --from';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: NO_RESPONSE,
  ECONNRESET: INTERRUPTED,
  EAI_AGAIN: 'the name cannot be resolved: check the internet connection',
  ENETUNREACH: NO_ROUTE,
  EHOSTUNREACH: NO_ROUTE,
  ENOTFOUND: 'there is no such server, or no internet connection: pass a mirror or a directory with --from',
  UND_ERR_SOCKET: INTERRUPTED,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: INTERRUPTED,
  UND_ERR_CONNECT_TIMEOUT: NO_RESPONSE,
};

function reasonOf(error: unknown): string {
  const { name, cause, message } = error as Error;
  if (name === 'TimeoutError') return `no response within ${TIMEOUT / 1000} seconds`;
  const { code = '', message: detail = message } = (cause ?? {}) as NodeJS.ErrnoException;
  return REASONS[code] ?? (code ? `${detail} (${code})` : detail);
}
