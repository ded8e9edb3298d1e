import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { orUndefined } from '../values/or-undefined.ts';
import { digest, digestOf, isVacant, type Known, MANIFEST, managedFiles, stampOf } from './manifest.ts';
import { isInWorkFolder, kindOf, OutputError, unreadable } from './output-folder.ts';
import { isBesideInWww } from './paths.ts';
import { type File, foldersAbove, isTreePath, type Tree } from './tree.ts';

/** The difference between a directory on disk and an output tree; paths relative to the directory, sorted. */
export interface Difference {
  /** The files that are missing on disk. */
  readonly added: readonly string[];
  /** The files with other content or another mode on disk. */
  readonly changed: readonly string[];
  /** The files that an earlier build wrote, and that are no longer in the tree. */
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
  /** The changed and removed files with content that no build wrote: manual edits, or files of another origin. */
  readonly edited: readonly string[];
}

/**
 * Compares a directory with the tree that it should contain. Of the files outside the tree, only those in the directory's manifest are
 * reported as removed; all others are unmanaged. Throws OutputError if the directory has files but no harvgen manifest, or if something
 * else blocks the path of a file; Error for a tree with a path outside the directory, which the rules and the targets prevent.
 */
export function compareTree(folder: string, tree: Tree): Difference {
  for (const path of tree.keys())
    if (!isTreePath(path))
      throw new Error(`${JSON.stringify(path)} is not a path below the output directory`);
  if (isVacant(folder))
    return { added: [...tree.keys()], changed: [], unchanged: [], removed: [], edited: [] };
  const known = managedFiles(folder);
  const removed = [...known.keys()]
    .filter((path) => path !== MANIFEST && !tree.has(path) && isOurFile(folder, path))
    .sort();
  const leaving = new Set(removed);
  const missing = missingFolders(folder, tree, leaving);
  const edited = removed.filter((path) => {
    const content = read(join(folder, path));
    return content && !isOurs(digest(content), path, known);
  });
  const states = new Map<string, State>();
  let hasNews = false;
  for (const [path, file] of tree) {
    if (path === MANIFEST) continue;
    const onDisk = missing.has(dirname(path)) ? undefined : fileAt(folder, path, leaving);
    states.set(path, stateOf(onDisk, tree, file));
    hasNews ||= onDisk ? !isOurs(digestOf(tree, file), path, known) : !known.has(path);
    if (onDisk && onDisk.digest !== digestOf(tree, file) && !isOurs(onDisk.digest, path, known))
      edited.push(path);
  }
  const manifest = tree.get(MANIFEST);
  if (manifest) {
    const onDisk = fileAt(folder, MANIFEST, leaving);
    // A file that is not in the old manifest makes the manifest different: the new one need not be rendered to compare.
    states.set(MANIFEST, onDisk && hasNews ? 'changed' : stateOf(onDisk, tree, manifest));
  }
  const inState = (wanted: State) => [...tree.keys()].filter((path) => states.get(path) === wanted);
  return {
    added: inState('added'),
    changed: inState('changed'),
    unchanged: inState('unchanged'),
    removed,
    edited: edited.sort(),
  };
}

type State = 'added' | 'changed' | 'unchanged';

type There = { readonly mode: number; readonly digest: string };

/** Compares only two parts of a mode: the owner's executable bit, and for confidential files the access of others. */
function stateOf(there: There | undefined, tree: Tree, file: File): State {
  if (!there) return 'added';
  const { mode } = there;
  const hasMode = Boolean(mode & 0o100) === Boolean(file.executable) && !(file.confidential && mode & 0o007);
  return hasMode && there.digest === digestOf(tree, file) ? 'unchanged' : 'changed';
}

/** Returns the file on disk at a path, or undefined without one. */
function fileAt(folder: string, path: string, leaving: ReadonlySet<string>): There | undefined {
  const full = join(folder, path);
  const there = stat(full);
  if (!there || (there.isDirectory() && holdsOnly(folder, path, leaving))) return undefined;
  if (!there.isFile()) {
    throw new OutputError(
      `${full} must be a file of the output tree but is ${kindOf(there)}. Move it away and rebuild.`,
    );
  }
  const content = read(full);
  return content && { mode: there.mode, digest: digest(content) };
}

/**
 * Returns the directories of a tree that are missing on disk. Throws OutputError if something else blocks the path of one,
 * unless that is a file that this build removes.
 */
function missingFolders(folder: string, tree: Tree, leaving: ReadonlySet<string>): Set<string> {
  const files = new Set(Array.from(tree.keys(), (path) => dirname(path)));
  const folders = new Set([...files].flatMap((path) => foldersAbove(`${path}/`)));
  return new Set([...folders].filter((path) => leaving.has(path) || !isFolder(join(folder, path))));
}

function isOurs(digest: string, path: string, known: Known): boolean {
  return known.get(path)?.includes(digest) ?? false;
}

/**
 * Whether a manifest path names a file in the directory itself. Users can edit a manifest, so a path with `..` or through
 * a link must never cause the removal of a file outside the directory.
 */
function isOurFile(folder: string, path: string): boolean {
  if (!isTreePath(path) || path.includes('\\') || isInWorkFolder(path)) return false;
  if (!foldersAbove(path).every((parent) => stat(join(folder, parent))?.isDirectory())) return false;
  return stat(join(folder, path))?.isFile() ?? false;
}

/** Whether a directory exists. Throws OutputError for a link: writing through it could leave the output tree. */
function isFolder(path: string): boolean {
  const there = stat(path);
  if (there && !there.isDirectory()) {
    const what = there.isSymbolicLink() ? 'a link' : 'another file';
    throw new OutputError(
      `${path} must be a directory of the output tree but is ${what}. Move it away and rebuild.`,
    );
  }
  return there !== undefined;
}

/** Whether this build removes every file in a directory: then a file can replace the directory. */
function holdsOnly(folder: string, path: string, leaving: ReadonlySet<string>): boolean {
  const full = join(folder, path);
  try {
    return filesBelow(full).every((file) => leaving.has(`${path}/${file}`));
  } catch (error) {
    throw unreadable(full, error);
  }
}

/** Returns the paths of all files below a directory at any depth, with forward slashes and without directories. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

/** Returns the content of a file, or undefined if another build has just removed it. */
function read(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function stat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return undefined; // a file that a directory replaces
    throw new OutputError(`${path} cannot be a file of the output tree: ${code}.`);
  }
}

/** Maximum attempts, so that nonstop builds cannot block the comparison. */
const TRIES = 5;

/**
 * Compares a directory with a tree without a lock. Compares again if another build has written the directory meanwhile: the
 * first result would mix both states. Throws the errors of `compareTree`.
 */
export function compareStill(folder: string, tree: Tree): Difference {
  for (let tries = 1; ; tries += 1) {
    const before = stampOf(folder);
    const difference = compareTree(folder, tree);
    if (stampOf(folder) === before || tries === TRIES) return difference;
  }
}

/**
 * Returns the files in an output directory that are unmanaged: in no tree and written by no build. Sorted by path. Takes the
 * result of `compareTree`. Unmanaged files stay, and are deployed with the tree. Releases and iPXE binaries are omitted: a web
 * server without aliases needs them in the document root.
 */
export function unmanagedFiles(folder: string, tree: Tree, { removed }: Difference): string[] {
  const ours = new Set([...tree.keys(), ...removed]);
  // Without files, there is no such directory: compareTree has reported other errors.
  const found = orUndefined(() => filesBelow(folder)) ?? [];
  return found.filter((path) => !ours.has(path) && !isInWorkFolder(path) && !isBesideInWww(path)).sort();
}
