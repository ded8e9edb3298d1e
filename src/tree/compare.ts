import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { bytesOf, readBytes, readFileAt } from './bytes.ts';
import { isVacant, type Known, knownFiles } from './known.ts';
import { digest, digestOf, MANIFEST } from './manifest.ts';
import { OutputError } from './output-error.ts';
import type { SeenFiles } from './seen-files.ts';
import { type File, foldersAbove, type Tree } from './tree.ts';
import { isInWorkFolder } from './work-folder.ts';

/** What distinguishes the files on the disk from a tree; paths relative to the folder, sorted. */
export interface Difference {
  /** Not there yet. */
  readonly added: readonly string[];
  /** There with another content or mode. */
  readonly changed: readonly string[];
  /** Made by an earlier build, and not part of the tree any more. */
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
  /** Those of the changed and removed ones that hold what no build wrote: somebody edited them, or made them. */
  readonly edited: readonly string[];
}

/**
 * Compares a folder with the tree that it should hold. Of the files that are not in the tree, only those that the
 * folder's manifest names count as removed: others are somebody else's.
 * Files that were `seen`, and are as they were, are not read again; with `isTrusted` those that would stay as they were seen are
 * not even looked at, by who looks later, unless another build has written the folder.
 * Throws OutputError where the folder holds files and no manifest of harvgen's, or something stands in a file's place.
 */
export function compareTree(folder: string, tree: Tree, seen?: SeenFiles, isTrusted = false): Difference {
  if (isVacant(folder))
    return { added: [...tree.keys()], changed: [], unchanged: [], removed: [], edited: [] };
  const knownBefore = seen?.lastKnown(folder);
  const known = knownFiles(folder, seen);
  const trusted = isTrusted && known === knownBefore ? seen : undefined;
  const removed = removedFrom(folder, tree, known);
  const leaving = new Set(removed);
  const missing = missingFolders(folder, tree, leaving);
  const edited = removed.filter((path) => {
    const size = stat(join(folder, path))?.size;
    const content = size === undefined ? undefined : read(join(folder, path), size);
    return content && !isOurs(digest(content), path, known);
  });
  // Where the manifest knows nothing of what a file will be, it is another one, and need not be made to be compared.
  let isNews = false;
  const below = join(folder, sep);
  const states: Record<State, string[]> = { added: [], changed: [], unchanged: [] };
  const thereAt = (path: string) =>
    (!seen && known.has(path) && readAt(`${below}${path}`)) || fileAt(folder, path, leaving, seen);
  const isAsSeen = (path: string, file: File): boolean => {
    const full = `${below}${path}`;
    const last = trusted?.lastOf(full);
    if (!trusted || !last || (path === MANIFEST && isNews)) return false;
    const wanted = digestOf(tree, file, undefined, (made) => trusted.digestOfMade(full, file, made));
    // What the manifest does not know is news, and looked at.
    if (path !== MANIFEST && !isOurs(wanted, path, known)) return false;
    return last.digest === wanted && hasModeOf(last, file);
  };
  const stateOf = (path: string, file: File): State => {
    const isMissing = missing.size > 0 && missing.has(parentOf(path));
    if (!isMissing && isAsSeen(path, file)) return 'unchanged';
    const there = isMissing ? undefined : thereAt(path);
    if (!there) {
      isNews ||= !known.has(path);
      return 'added';
    }
    if (path === MANIFEST && isNews) return 'changed';
    const made = file.content;
    const content = there.content && bytesOf(made);
    // The manifest will ask for it, too.
    const wanted = digestOf(
      tree,
      file,
      content ?? made,
      seen && (() => seen.digestOfMade(there.path, file, made)),
    );
    const isSame =
      there.content && content ? Buffer.compare(there.content, content) === 0 : there.digest === wanted;
    const found = isSame ? wanted : (there.digest ?? digest(there.content ?? ''));
    if (there.content) seen?.note(there.path, there.stats, found);
    isNews ||= !isOurs(wanted, path, known);
    if (isSame) return hasModeOf(there.stats, file) ? 'unchanged' : 'changed';
    if (path !== MANIFEST && !isOurs(found, path, known)) edited.push(path);
    return 'changed';
  };
  for (const [path, file] of tree) if (path !== MANIFEST) states[stateOf(path, file)].push(path);
  const manifest = tree.get(MANIFEST);
  if (manifest) insert(states[stateOf(MANIFEST, manifest)], MANIFEST, tree);
  for (const path of [...states.added, ...states.changed, ...removed]) seen?.forget(`${below}${path}`);
  return { ...states, removed, edited: edited.sort() };
}

type State = 'added' | 'changed' | 'unchanged';

/** Inserts a path into some of a tree's where the tree has it. */
function insert(paths: string[], path: string, tree: Tree): void {
  let index = 0;
  for (const other of tree.keys()) {
    if (other === path) break;
    if (other === paths[index]) index += 1;
  }
  paths.splice(index, 0, path);
}

/** Gives the files that an earlier build made and that the tree does not have any more, sorted. */
function removedFrom(folder: string, tree: Tree, known: Known): string[] {
  const removed: string[] = [];
  for (const path of known.keys())
    if (path !== MANIFEST && !tree.has(path) && isOurFile(folder, path)) removed.push(path);
  return removed.sort();
}

/**
 * Gives the folders of a tree that are not there. Throws OutputError where something else is in the place of one; a file
 * that leaves makes room.
 */
function missingFolders(folder: string, tree: Tree, leaving: ReadonlySet<string>): Set<string> {
  const missing = new Set<string>();
  const seen = new Set<string>();
  let last: string | undefined;
  for (const path of tree.keys()) {
    const folderOf = parentOf(path);
    if (folderOf === last || seen.has(folderOf)) continue;
    last = folderOf;
    for (const parent of foldersAbove(path)) {
      if (!seen.has(parent) && (leaving.has(parent) || !isFolder(join(folder, parent)))) missing.add(parent);
      seen.add(parent);
    }
  }
  return missing;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Of a mode it counts whether the file is run, and of a confidential one that nobody else can read it. */
function hasModeOf({ mode }: Pick<Stats, 'mode'>, { executable, confidential }: File): boolean {
  return Boolean(mode & 0o100) === Boolean(executable) && !(confidential && mode & 0o007);
}

function isOurs(digest: string, path: string, known: Known): boolean {
  return known.get(path)?.includes(digest) ?? false;
}

/**
 * Whether a path of a manifest names a file in the folder itself. A manifest is a file that anybody can edit: nothing
 * outside of the folder is ever removed by one, not by `..` and not through a link.
 */
function isOurFile(folder: string, path: string): boolean {
  const steps = path.split('/');
  if (path.includes('\\') || path.includes('\0') || isInWorkFolder(path)) return false;
  if (steps.some((step) => step === '' || step === '.' || step === '..')) return false;
  const parents = steps.slice(0, -1).map((_, index) => join(folder, ...steps.slice(0, index + 1)));
  return (
    parents.every((parent) => stat(parent)?.isDirectory()) && Boolean(stat(join(folder, path))?.isFile())
  );
}

/** Whether a folder is there. Nothing is written through a link: it may lead out of the output. */
function isFolder(path: string): boolean {
  const there = stat(path);
  if (there && !there.isDirectory()) {
    const what = there.isSymbolicLink() ? 'a link' : 'something else';
    throw new OutputError(
      `${path} should be a folder of the output, and is ${what}. Move it away, and build again.`,
    );
  }
  return there !== undefined;
}

/** A file as it is on the disk. */
interface There {
  readonly path: string;
  readonly stats: Stats;
  /** What it holds, until the next file is read; undefined where that was seen, and is known by its digest. */
  readonly content?: Uint8Array;
  readonly digest?: string;
}

/** A file that can be read; undefined where there is none, or anything else: `fileAt` says what. */
function readAt(path: string): There | undefined {
  const found = readFileAt(path);
  return found && { path, ...found };
}

/** What stands in a file's place; undefined where there is none. */
function fileAt(
  folder: string,
  path: string,
  leaving: ReadonlySet<string>,
  seen: SeenFiles | undefined,
): There | undefined {
  const full = join(folder, path);
  const there = stat(full);
  if (!there || (there.isDirectory() && holdsOnly(folder, path, leaving))) return undefined;
  if (!there.isFile()) {
    const what = there.isDirectory() ? 'a folder' : there.isSymbolicLink() ? 'a link' : 'something else';
    throw new OutputError(
      `${full} should be a file of the output, and is ${what}. Move it away, and build again.`,
    );
  }
  const digest = seen?.digestOf(full, there);
  if (digest !== undefined) return { path: full, stats: there, digest };
  const content = read(full, there.size);
  return content && { path: full, stats: there, content };
}

/** Whether a folder holds no files but those that this build removes: then it makes room for a file. */
function holdsOnly(folder: string, path: string, leaving: ReadonlySet<string>): boolean {
  const full = join(folder, path);
  return entriesBelow(full).every(
    (entry) =>
      entry.isDirectory() ||
      leaving.has(relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
  );
}

function entriesBelow(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** What a file holds; undefined where another build has removed it in this moment. */
function read(path: string, size: number): Uint8Array | undefined {
  try {
    return readBytes(path, size);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): OutputError {
  const { code } = error as NodeJS.ErrnoException;
  return new OutputError(`${path} cannot be read: ${code}. Check its permissions.`);
}

/** What stands at a path, itself and not what it links to; undefined for nothing. */
function stat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return undefined; // a file that makes room for a folder
    throw new OutputError(`${path} cannot be a file of the output: ${code}.`);
  }
}
