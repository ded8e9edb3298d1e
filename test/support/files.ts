import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Gives the files below a folder, by relative path, sorted; an empty object where there is no such folder. */
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
