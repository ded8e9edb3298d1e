import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { harvesterMedia, RELEASES_URL } from '../../../knowledge/tables/harvester-media.ts';
import type { Medium } from '../medium.ts';
import { fetchSize, fetchText } from './fetched.ts';
import { PinError } from './pin-error.ts';

type Release = NonNullable<Medium['release']>;

/** What nobody on the way can change: this machine's own. */
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;

/** Says whether anybody between a mirror and this machine could have changed what is read from it. */
export function isUnproven(from: string): boolean {
  return /^http:/i.test(from) && URL.canParse(from) && !LOOPBACK.test(new URL(from).hostname);
}

/** Where a release's checksum file is read, and how large the files beside it are. */
export interface ReleaseSource {
  /** What messages call the checksum file. */
  readonly where: string;
  readonly text: string;
  /**
   * Gives the size of a file, in bytes; undefined where it cannot be told. Takes the file's digest. Throws PinError where
   * the file is at hand, and is another one.
   */
  sizeOf(name: string, sha512: string): Promise<number | undefined>;
}

/**
 * Reads the checksum file of a release: from a mirror laid out as releases.rancher.com/harvester (the official one unless
 * said), from a folder of media, or from the file itself. Throws PinError where it cannot be had.
 */
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
  return {
    where,
    text: read(where),
    sizeOf: (name, sha512) => sizeOf(join(dirname(where), name), sha512, where),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
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
