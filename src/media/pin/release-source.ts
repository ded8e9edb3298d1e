import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { harvesterMedia, RELEASES_URL } from '../../tables/harvester-media.ts';
import type { Medium } from '../medium.ts';
import { fetchSize, fetchText } from './fetched.ts';
import { PinError } from './pin-error.ts';

type Release = NonNullable<Medium['release']>;

/** Where a release's checksum file is read, and how large the files beside it are. */
export interface ReleaseSource {
  /** What messages call the checksum file. */
  readonly where: string;
  readonly text: string;
  /** Undefined where it cannot be told. */
  sizeOf(name: string): Promise<number | undefined>;
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
  return { where, text: read(where), sizeOf: async (name) => sizeOf(join(dirname(where), name)) };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new PinError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size || undefined;
}
