import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { digest, digestOf, isVacant, type Known, MANIFEST, managedFiles, stampOf } from './manifest.ts';
import { isInWorkFolder, OutputError, unreadable } from './output-folder.ts';
import { isBesideInWww } from './paths.ts';
import { type File, foldersAbove, type Tree } from './tree.ts';

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
    const there = missing.has(dirname(path)) ? undefined : fileAt(folder, path, leaving);
    states.set(path, stateOf(there, tree, file));
    hasNews ||= there ? !isOurs(digestOf(tree, file), path, known) : !known.has(path);
    if (there && there.digest !== digestOf(tree, file) && !isOurs(there.digest, path, known))
      edited.push(path);
  }
  const manifest = tree.get(MANIFEST);
  if (manifest) {
    const there = fileAt(folder, MANIFEST, leaving);
    // Where there is a file that it does not know, it is another one, and need not be made to be compared.
    states.set(MANIFEST, there && hasNews ? 'changed' : stateOf(there, tree, manifest));
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

/** Of a mode it counts whether the file is run, and of a confidential one that nobody else can read it. */
function stateOf(there: There | undefined, tree: Tree, file: File): State {
  if (!there) return 'added';
  const { mode } = there;
  const hasMode = Boolean(mode & 0o100) === Boolean(file.executable) && !(file.confidential && mode & 0o007);
  return hasMode && there.digest === digestOf(tree, file) ? 'unchanged' : 'changed';
}

/** What stands in a file's place; undefined where there is none. */
function fileAt(folder: string, path: string, leaving: ReadonlySet<string>): There | undefined {
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
  return content && { mode: there.mode, digest: digest(content) };
}

/**
 * Gives the folders of a tree that are not there. Throws OutputError where something else is in the place of one; a file
 * that leaves makes room.
 */
function missingFolders(folder: string, tree: Tree, leaving: ReadonlySet<string>): Set<string> {
  const folders = new Set([...tree.keys()].flatMap(foldersAbove));
  return new Set([...folders].filter((path) => leaving.has(path) || !isFolder(join(folder, path))));
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
  if (!foldersAbove(path).every((parent) => stat(join(folder, parent))?.isDirectory())) return false;
  return stat(join(folder, path))?.isFile() ?? false;
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

/** Whether a folder holds no files but those that this build removes: then it makes room for a file. */
function holdsOnly(folder: string, path: string, leaving: ReadonlySet<string>): boolean {
  const full = join(folder, path);
  try {
    return filesBelow(full).every((file) => leaving.has(`${path}/${file}`));
  } catch (error) {
    throw unreadable(full, error);
  }
}

/** The paths, with forward slashes, of all that is below a folder, at any depth, and no folder itself. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

/** What a file holds; undefined where another build has removed it in this moment. */
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
    if (code === 'ENOTDIR') return undefined; // a file that makes room for a folder
    throw new OutputError(`${path} cannot be a file of the output: ${code}.`);
  }
}

/** As often it is looked again; somebody who builds without a pause is not waited for. */
const TRIES = 5;

/**
 * Compares a folder with a tree for those who only look, and do not lock: once more where another build has written the
 * folder meanwhile, since what was seen is then half of the one and half of the other. Throws what `compareTree` throws.
 */
export function compareStill(folder: string, tree: Tree): Difference {
  for (let tries = 1; ; tries += 1) {
    const before = stampOf(folder);
    const difference = compareTree(folder, tree);
    if (stampOf(folder) === before || tries === TRIES) return difference;
  }
}

/**
 * Gives the files in an output folder that are nobody's: no tree has them, and no build made them. Takes what
 * `compareTree` has found. They stay where they are, and are deployed with the tree. Sorted by path. What a web server without
 * aliases has to have in the document root is none: releases, and iPXE's programs.
 */
export function unmanagedFiles(folder: string, tree: Tree, { removed }: Difference): string[] {
  const ours = new Set([...tree.keys(), ...removed]);
  try {
    return filesBelow(folder)
      .filter((path) => !ours.has(path) && !isInWorkFolder(path) && !isBesideInWww(path))
      .sort();
  } catch {
    return []; // it is not there: compareTree has said what else is wrong
  }
}
