import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The entry at a path; for a file also its inode, its time in nanoseconds and its bytes in hexadecimal. */
export type Entry = readonly [kind: 'file' | 'folder' | 'other', mode: number, ...of: unknown[]];

/** Returns everything in a directory, by relative path, to compare two moments: nothing may differ. */
export function disk(folder: string): Record<string, Entry> {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).sort();
  return Object.fromEntries(paths.map((path) => [path, entry(join(folder, path))]));
}

function entry(path: string): Entry {
  const { ino, mode, mtimeNs } = lstatSync(path, { bigint: true });
  const there = lstatSync(path);
  const rights = Number(mode) & 0o7777;
  if (there.isDirectory()) return ['folder', rights];
  if (!there.isFile()) return ['other', rights];
  return ['file', rights, `inode ${ino}`, `time ${mtimeNs}`, readFileSync(path).toString('hex')];
}
