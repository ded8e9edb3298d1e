import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST, parseManifest } from './manifest.ts';
import { OutputError } from './output-error.ts';
import type { File, Tree } from './tree.ts';

/** What distinguishes the files on the disk from a tree; paths relative to the folder, sorted. */
export interface Difference {
  /** Not there yet. */
  readonly added: readonly string[];
  /** There with another content or mode. */
  readonly changed: readonly string[];
  /** Made by an earlier build, and not part of the tree any more. */
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Compares a folder with the tree that it should hold. Of the files that are not in the tree, only those that the
 * folder's manifest names count as removed: others are somebody else's.
 * Throws OutputError where the folder holds files and no manifest of harvgen's, or something stands in a file's place.
 */
export function compareTree(folder: string, tree: Tree): Difference {
  const before = knownFiles(folder);
  const added: string[] = [];
  const changed: string[] = [];
  const unchanged: string[] = [];
  for (const [path, file] of tree) {
    const state = stateOf(join(folder, path), file);
    (state === 'absent' ? added : state === 'same' ? unchanged : changed).push(path);
  }
  const removed = before.filter((path) => !tree.has(path) && isThere(join(folder, path)));
  return { added, changed, removed, unchanged };
}

/** The files that an earlier build made, by the manifest in the folder. */
function knownFiles(folder: string): string[] {
  const names = list(folder);
  if (names.length === 0) return [];
  const manifest = names.includes(MANIFEST) && parseManifest(readFileSync(join(folder, MANIFEST), 'utf8'));
  if (!manifest) {
    throw new OutputError(
      `${folder} is not empty and has no manifest of harvgen's: it may hold files of somebody else. ` +
        'Choose another folder with --out, or empty this one.',
    );
  }
  return Object.keys(manifest.files).filter(staysInside);
}

/** A manifest is a file that anybody can edit: nothing outside of the folder is ever removed by one. */
function staysInside(path: string): boolean {
  return !path.startsWith('/') && !path.split(/[/\\]/).includes('..');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new OutputError(`${folder} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function stateOf(path: string, file: File): 'absent' | 'same' | 'other' {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 'absent';
  if (!stat.isFile()) throw new OutputError(`${path} should be a file of the output, and is something else.`);
  if (Boolean(stat.mode & 0o100) !== Boolean(file.executable)) return 'other';
  const content = Buffer.from(file.content);
  return stat.size === content.length && readFileSync(path).equals(content) ? 'same' : 'other';
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
