import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { whyUnreadable } from '../values/unreadable.ts';
import { brokenLink } from './broken-link.ts';
import { checkFolders } from './check-folders.ts';
import { type Listing, listFolder } from './list-folder.ts';
import { isLitter } from './litter.ts';
import { wholeFile } from './whole-file.ts';

/**
 * Gives the absolute paths of the YAML files of a site's folder, sorted by code unit, so that the order is the same
 * everywhere; links that lead to nothing are among them, for reading them to say so. Warns of files and folders that
 * were probably meant to be read, and are not. Gives undefined where a folder cannot be looked into, which is reported.
 */
export function findYaml(folder: string, report: Report): string[] | undefined {
  let listing: Listing;
  try {
    listing = listFolder(folder);
  } catch (error) {
    const { path = folder } = error as NodeJS.ErrnoException;
    report.error({ code: 'unreadable-file', ...whyUnreadable(error), at: wholeFile(path) });
    return undefined;
  }
  const { entries, hasLinks } = listing;
  const all = entries.map(({ path }) => path);
  const links = entries.filter(({ path, isBrokenLink }) => isBrokenLink && !basename(path).includes('.'));
  for (const path of eachOnce(links.map((link) => link.path))) warnBrokenLink(path, report);
  const yaml = all.filter((path) => /\.ya?ml$/i.test(path) && !isLitter(basename(path)));
  const found = hasLinks ? eachOnce(yaml) : yaml.sort();
  const read = found.filter((path) => whyNotRead(path) === undefined);
  const unread = found.filter((path) => whyNotRead(path) !== undefined);
  for (const path of unread.filter((one) => !isOfRepository(one, folder))) warnUnread(path, report);
  checkFolders(folder, { all, read }, report);
  return read;
}

/** A link that leads back into the site shows the same file under many names: the least deep, then the first counts. */
function eachOnce(paths: readonly string[]): string[] {
  const byFile = new Map<string, string>();
  for (const path of [...paths].sort(byDepth).reverse()) byFile.set(realPath(path), path);
  return [...byFile.values()].sort();
}

function byDepth(one: string, other: string): number {
  return one.split('/').length - other.split('/').length || (one < other ? -1 : 1);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // A link to nothing, or a file that has gone meanwhile.
    const folder = dirname(path);
    return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
  }
}

/** Settings of tools lie at the top of a repository: `.gitlab-ci.yml` is not meant for the site that it may be. */
function isOfRepository(path: string, folder: string): boolean {
  return (
    basename(path).startsWith('.') &&
    relative(folder, dirname(path)) === '' &&
    existsSync(join(folder, '.git'))
  );
}

function whyNotRead(path: string): string | undefined {
  if (!path.endsWith('.yaml')) return "an inventory's files end in .yaml";
  return basename(path).startsWith('.') ? 'its name begins with a dot' : undefined;
}

/** A link that led to a folder and leads to nothing takes with it all that the folder said. */
function warnBrokenLink(path: string, report: Report): void {
  const broken = brokenLink(path);
  if (!broken) return;
  const { message, help } = broken;
  report.warning({ code: 'folder-not-read', message, at: wholeFile(path), help });
}

function warnUnread(path: string, report: Report): void {
  const name = basename(path);
  report.warning({
    code: 'yml-not-read',
    message: `${name} is not read: ${whyNotRead(path)}.`,
    at: wholeFile(path),
    help: `rename it to ${name.replace(/^\.+/, '').replace(/\.ya?ml$/i, '.yaml')}, or move it out of the site`,
  });
}
