import fs, { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { mock } from 'node:test';
import { compareTree, type Difference } from '../../src/output/compare.ts';
import { lockFolder } from '../../src/output/lock.ts';
import { MANIFEST, renderManifest } from '../../src/output/manifest.ts';
import { OutputError } from '../../src/output/output-error.ts';
import type { File, Tree } from '../../src/output/tree.ts';
import { writeTrees } from '../../src/output/write.ts';
import { scratchFolder } from './scratch.ts';

/** Makes a folder hold a tree, as a build does; gives what that changed. */
export async function writeTree(folder: string, tree: Tree): Promise<Difference> {
  const lock = await lockFolder(folder, () => {});
  try {
    const difference = compareTree(folder, tree);
    writeTrees([{ folder, tree, difference }]);
    return difference;
  } finally {
    lock.release();
  }
}

/** Makes a tree of files, with its manifest; a text stands for a file that holds it. */
export function treeOf(files: Readonly<Record<string, string | Uint8Array | File>>): Tree {
  const tree = new Map(
    Object.entries(files).map(([path, file]) => [
      path,
      typeof file === 'string' || file instanceof Uint8Array ? { content: file } : file,
    ]),
  );
  return tree.set(MANIFEST, { content: renderManifest(tree, 'plant', 'harvgen 0.0.0') });
}

/** Gives the path of a folder that holds a tree; it is gone when the process ends. */
export async function folderOf(tree: Tree): Promise<string> {
  const folder = join(scratchFolder(), 'plant');
  await writeTree(folder, tree);
  return folder;
}

/** What stands at a path; of a file also its identity, its time in nanoseconds and its bytes in hexadecimal. */
export type Entry = readonly [kind: 'file' | 'folder' | 'other', mode: number, ...of: unknown[]];

/** Gives all that is in a folder, by relative path, so that two moments can be compared: nothing may differ. */
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

/** Gives the message of the OutputError that something throws, or rejects with; fails where it does not. */
export async function outputFault(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof OutputError) return error.message;
    throw error;
  }
  throw new Error('there was no OutputError');
}

/** Does something, synchronous up to its first wait, as somebody who may not do everything, as root may. */
export function asNobody<T>(work: () => T): T {
  const { seteuid, setegid, getuid } = process;
  if (getuid?.() !== 0 || !seteuid || !setegid) return work();
  setegid(65534);
  seteuid(65534);
  try {
    return work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}

/** What a build does to the disk, and where it can fail. */
const CALLS = [
  'chmodSync',
  'copyFileSync',
  'linkSync',
  'lstatSync',
  'mkdirSync',
  'readdirSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'statSync',
  'utimesSync',
  'writeFileSync',
] as const;

// Node loads what removes folders at the first use, and with it the functions as they are then.
rmSync(join(scratchFolder(), 'none'), { recursive: true, force: true });

/**
 * Does something on a disk of which some calls fail, as on one that breaks: `fails` is told the number of each call,
 * from 1, and its name. Gives what `work` gives; throws what it throws.
 */
export function onBadDisk<T>(fails: (call: number, name: string) => boolean, work: () => T): T {
  let call = 0;
  const mocks = CALLS.map((name) => {
    const real = fs[name] as (...args: unknown[]) => unknown;
    const bad = (...args: unknown[]): unknown => {
      call += 1;
      if (!fails(call, name)) return real(...args);
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', path: args[0] });
    };
    return mock.method(fs, name, bad as never);
  });
  syncBuiltinESMExports();
  try {
    return work();
  } finally {
    for (const { mock: one } of mocks) one.restore();
    syncBuiltinESMExports();
  }
}
