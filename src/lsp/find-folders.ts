import { basename, dirname, join, resolve } from 'node:path';
import { isFile } from '../inventory/disk.ts';
import { isWithin } from '../tree/output-folder.ts';

/** The levels of directories below a folder that are searched for sites: a folder may be a home directory. */
const DEEPEST = 6;

/** Returns the directories of the sites below a folder. Skips those that sites share, hidden ones and installed packages. */
export async function findFolders(root: string): Promise<string[]> {
  const { default: glob } = await import('fast-glob');
  const how = { absolute: true, followSymbolicLinks: false, suppressErrors: true };
  const ignore = ['**/node_modules/**'];
  const found = await glob('**/site.yaml', { cwd: root, deep: DEEPEST, ignore, ...how });
  const folders: string[] = [];
  // A file of that name in a site is one of its own files.
  for (const folder of found.map((path) => dirname(resolve(path))).sort())
    if (!basename(folder).startsWith('_') && !folders.some((site) => isWithin(folder, site)))
      folders.push(folder);
  return folders;
}

/** Returns the folder that contains all sites of a folder of the editor: for a directory within a site, that around the site. */
export function rootOf(folder: string): string {
  for (let at = folder; dirname(at) !== at; at = dirname(at))
    if (isFile(join(at, 'site.yaml')) && !basename(at).startsWith('_')) return dirname(at);
  return folder;
}
