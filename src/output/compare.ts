import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
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
  for (const parent of foldersOf(tree)) requireFolder(join(folder, parent));
  for (const [path, file] of tree) {
    const state = stateOf(join(folder, path), file);
    (state === 'absent' ? added : state === 'same' ? unchanged : changed).push(path);
  }
  const removed = before.filter((path) => !tree.has(path) && isOurFile(folder, path));
  return { added, changed, removed, unchanged };
}

/** The files that an earlier build made, by the manifest in the folder. */
function knownFiles(folder: string): string[] {
  if (list(folder).length === 0) return [];
  const path = join(folder, MANIFEST);
  const manifest = stat(path)?.isFile() ? parseManifest(readFileSync(path, 'utf8')) : undefined;
  if (!manifest) {
    throw new OutputError(
      `${folder} is not empty and has no manifest of harvgen's: it may hold files of somebody else. ` +
        'Choose another folder with --out, or empty this one.',
    );
  }
  return Object.keys(manifest.files);
}

/**
 * Whether a path of a manifest names a file in the folder itself. A manifest is a file that anybody can edit: nothing
 * outside of the folder is ever removed by one, not by `..` and not through a link.
 */
function isOurFile(folder: string, path: string): boolean {
  const steps = path.split('/');
  if (path.includes('\\') || steps.some((step) => step === '' || step === '.' || step === '..')) return false;
  const parents = steps.slice(0, -1).map((_, index) => join(folder, ...steps.slice(0, index + 1)));
  return (
    parents.every((parent) => stat(parent)?.isDirectory()) && Boolean(stat(join(folder, path))?.isFile())
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new OutputError(`${folder} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** The folders below the output folder that a tree needs. */
function foldersOf(tree: Tree): Set<string> {
  const folders = new Set<string>();
  for (const path of tree.keys()) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) folders.add(parent);
  }
  return folders;
}

/** Nothing is written through a link: it may lead out of the folder. */
function requireFolder(path: string): void {
  const there = stat(path);
  if (there && !there.isDirectory()) {
    throw new OutputError(`${path} should be a folder of the output, and is something else.`);
  }
}

function stateOf(path: string, file: File): 'absent' | 'same' | 'other' {
  const there = stat(path);
  if (!there) return 'absent';
  if (!there.isFile())
    throw new OutputError(`${path} should be a file of the output, and is something else.`);
  if (Boolean(there.mode & 0o100) !== Boolean(file.executable)) return 'other';
  const content = Buffer.from(file.content);
  return there.size === content.length && readFileSync(path).equals(content) ? 'same' : 'other';
}

/** What stands at a path, itself and not what it links to; undefined for nothing. */
function stat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new OutputError(`${path} cannot be a file of the output: ${(error as NodeJS.ErrnoException).code}`);
  }
}
