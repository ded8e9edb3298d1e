import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the files below a directory, by relative path, sorted; an empty object if there is no such directory. */
export function readTree(folder: string): Record<string, string> {
  let paths: string[];
  try {
    paths = readdirSync(folder, { recursive: true }) as string[];
  } catch {
    return {};
  }
  const files = paths.filter((path) => statSync(join(folder, path)).isFile()).sort();
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
