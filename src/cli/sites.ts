import { basename, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/**
 * Gives the folders of the sites that the arguments of a command name: folders, or quoted globs of them. What begins
 * with `_`, as `sites/_shared`, is shared matter and no site: globs, the shell's own too, pass it over.
 * Throws UsageError for a glob that names nothing.
 */
export async function findSites(args: readonly string[]): Promise<string[]> {
  const folders: string[] = [];
  for (const arg of args) {
    if (!isGlob(arg)) {
      folders.push(arg);
      continue;
    }
    const { default: fastGlob } = await import('fast-glob');
    const found = (await fastGlob(arg, { onlyDirectories: true })).sort();
    if (found.length === 0) throw new UsageError(`${arg} names no folder`);
    folders.push(...found);
  }
  const sites = folders.filter((folder) => !basename(resolve(folder)).startsWith('_'));
  if (sites.length === 0)
    throw new UsageError(`${folders.join(', ')}: what begins with _ is shared by sites, and is none`);
  return [...new Map(sites.map((folder) => [resolve(folder), folder])).values()];
}

/** Gives the folder of the one site that an argument names. Throws UsageError where it names several, or none. */
export async function findSite(arg: string, command: string): Promise<string> {
  const [folder = arg, another] = await findSites([arg]);
  if (another !== undefined)
    throw new UsageError(`${command} takes one site, and ${arg} is several: name one of them`);
  return folder;
}

/** Says whether an argument is a glob, and not a folder's name. */
export function isGlob(arg: string): boolean {
  return /[*?[\]{}]/.test(arg);
}
