import { type Stats, statSync } from 'node:fs';

/** Says whether a file is at a path, links followed. */
export function isFile(path: string): boolean {
  return stat(path)?.isFile() ?? false;
}

/** Says whether a folder is at a path, links followed. */
export function isFolder(path: string): boolean {
  return stat(path)?.isDirectory() ?? false;
}

/** Says whether two paths lead to the same thing: by a link, or on a file system that does not tell case. */
export function isSame(path: string, other: string): boolean {
  const [one, two] = [stat(path), stat(other)];
  return one !== undefined && one.ino === two?.ino && one.dev === two.dev;
}

/** What is at a path, links followed; undefined for nothing, and for what cannot be reached. */
export function stat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
