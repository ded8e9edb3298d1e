import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesOf } from './bytes.ts';
import { digestOf } from './manifest.ts';
import type { SeenFiles } from './seen-files.ts';
import { type File, foldersAbove, modeOf, type Tree } from './tree.ts';
import { workPath } from './work-folder.ts';
import { type WriteFile, writeFiles } from './write-files.ts';

/** What is written beside the tree, and then renamed into its place: a file, or a folder that is not there yet. */
export interface Staged {
  /** Where it belongs, relative to the output folder. */
  readonly path: string;
  /** The name under which it waits for its turn. */
  readonly name: string;
  /** Of a folder: the files below it, relative to the output folder. */
  readonly files?: readonly string[];
}

/**
 * Divides the files that are to be written into what is renamed at once: the outermost folders that are not there yet,
 * and the files of the others. So a first build renames five folders, and not thousands of files.
 */
export function stagedIn(folder: string, paths: readonly string[]): Staged[] {
  const newFolderOf = newFolders(folder);
  const groups = new Map<string, string[] | undefined>();
  for (const path of paths) {
    const outermost = newFolderOf(path);
    if (outermost === undefined) groups.set(path, undefined);
    else if (groups.get(outermost)?.push(path) === undefined) groups.set(outermost, [path]);
  }
  return [...groups].map(([path, files], index) => {
    const name = workPath(folder, 'new', String(index));
    return files ? { path, name, files } : { path, name };
  });
}

/** Gives a function that says which folder above a path is the outermost that is not there, if any; it looks once. */
function newFolders(folder: string): (path: string) => string | undefined {
  const there = new Map<string, Stats | undefined>();
  const look = (path: string) => {
    if (!there.has(path)) there.set(path, folderAt(join(folder, path)));
    return there.get(path);
  };
  const known = new Map<string, string | undefined>();
  return (path) => {
    const parent = dirname(path);
    if (!known.has(parent)) {
      const outermost = foldersAbove(path).find((above) => !look(above));
      // What is made in the work folder gets the group that the output folder hands down.
      const isAlike = outermost !== undefined && groupOf(look(dirname(outermost))) === groupOf(look('.'));
      known.set(parent, isAlike ? outermost : undefined);
    }
    return known.get(parent);
  };
}

function folderAt(path: string): Stats | undefined {
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    return there?.isDirectory() ? there : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined; // a file that makes room
    throw error;
  }
}

/** The group that a folder hands down to what is made in it; undefined where that is the group of who makes it. */
function groupOf(folder: Stats | undefined): number | undefined {
  return folder && folder.mode & 0o2000 ? folder.gid : undefined;
}

/**
 * Writes all that waits for its turn; each file is made, written, and forgotten but for its digest. Throws what `node:fs` throws;
 * of a file in a folder, with the place where it belongs. What was `seen` when it was compared is not made again.
 */
export function writeStaged(folder: string, all: readonly Staged[], tree: Tree, seen?: SeenFiles): void {
  const count = all.reduce((sum, { files }) => sum + (files?.length ?? 1), 0);
  try {
    writeFiles(count, (write) => {
      for (const staged of all) {
        if (staged.files) {
          writeFolder(staged, staged.files, tree, write);
          continue;
        }
        const file = tree.get(staged.path) as File;
        writeNew(staged.name, file, tree, write, seen?.newTextOf(file));
      }
    });
  } catch (error) {
    const { path: at } = error as NodeJS.ErrnoException;
    const staged = all.find(
      ({ name, files }) => files && at !== undefined && `${at}/`.startsWith(`${name}/`),
    );
    if (staged)
      Object.assign(error as object, { path: join(folder, staged.path) + at?.slice(staged.name.length) });
    throw error;
  }
}

function writeFolder({ path, name }: Staged, files: readonly string[], tree: Tree, write: WriteFile): void {
  let last: string | undefined;
  for (const file of files) {
    const staged = name + file.slice(path.length);
    const parent = staged.slice(0, staged.lastIndexOf('/'));
    if (parent !== last) mkdirSync(parent, { recursive: true });
    last = parent;
    writeNew(staged, tree.get(file) as File, tree, write);
  }
}

function writeNew(path: string, file: File, tree: Tree, write: WriteFile, made?: string): void {
  const content = bytesOf(made ?? file.content);
  digestOf(tree, file, content);
  write(path, content, modeOf(file));
}
