import { type Dirent, lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Known, knownFiles } from './known.ts';
import { digest, MANIFEST } from './manifest.ts';
import { OutputError } from './output-error.ts';
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
 * Throws OutputError where the folder holds files and no manifest of harvgen's, or something stands in a file's place.
 */
export function compareTree(folder: string, tree: Tree): Difference {
  const known = knownFiles(folder);
  const parents = new Set([...tree.keys()].flatMap(foldersAbove));
  const removed = [...known.keys()]
    .filter((path) => path !== MANIFEST && !tree.has(path) && isOurFile(folder, path))
    .sort();
  const leaving = new Set(removed);
  for (const parent of parents) {
    // A file of ours where the tree has a folder now makes room.
    if (!leaving.has(parent)) requireFolder(join(folder, parent));
  }
  const added: string[] = [];
  const changed: string[] = [];
  const unchanged: string[] = [];
  const edited = removed.filter((path) => {
    const content = read(join(folder, path));
    return content && !isOurs(content, path, known);
  });
  for (const [path, file] of tree) {
    const there = contentAt(folder, path, leaving);
    if (!there) {
      added.push(path);
    } else if (there.content.equals(Buffer.from(file.content))) {
      (hasModeOf(there, file) ? unchanged : changed).push(path);
    } else {
      changed.push(path);
      if (path !== MANIFEST && !isOurs(there.content, path, known)) edited.push(path);
    }
  }
  return { added, changed, removed, unchanged, edited: edited.sort() };
}

/** Of a mode it counts whether the file is run, and of a confidential one that nobody else can read it. */
function hasModeOf({ mode }: There, { executable, confidential }: File): boolean {
  return Boolean(mode & 0o100) === Boolean(executable) && !(confidential && mode & 0o007);
}

function isOurs(content: Buffer, path: string, known: Known): boolean {
  return known.get(path)?.includes(digest(content)) ?? false;
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

/** Nothing is written through a link: it may lead out of the folder. */
function requireFolder(path: string): void {
  const there = stat(path);
  if (there && !there.isDirectory()) {
    const what = there.isSymbolicLink() ? 'a link' : 'something else';
    throw new OutputError(
      `${path} should be a folder of the output, and is ${what}. Move it away, and build again.`,
    );
  }
}

/** A file as it is on the disk. */
interface There {
  readonly content: Buffer;
  readonly mode: number;
}

/** What a file holds, and its mode; undefined where there is none. */
function contentAt(folder: string, path: string, leaving: ReadonlySet<string>): There | undefined {
  const full = join(folder, path);
  const there = stat(full);
  if (!there || (there.isDirectory() && holdsOnly(folder, path, leaving))) return undefined;
  if (!there.isFile()) {
    const what = there.isDirectory() ? 'a folder' : there.isSymbolicLink() ? 'a link' : 'something else';
    throw new OutputError(
      `${full} should be a file of the output, and is ${what}. Move it away, and build again.`,
    );
  }
  const content = read(full);
  return content && { content, mode: there.mode };
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
function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
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
