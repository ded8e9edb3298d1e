import { type Dirent, existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { nearest } from '../values/text.ts';
import { whyUnreadable } from '../values/unreadable.ts';
import { brokenLink, isFolder, isIgnoredFile, isSame, stat, wholeFile } from './disk.ts';

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
  const yaml = all.filter((path) => /\.ya?ml$/i.test(path) && !isIgnoredFile(basename(path)));
  const found = hasLinks ? eachOnce(yaml) : yaml.sort();
  const read = found.filter((path) => whyNotRead(path) === undefined);
  for (const path of found)
    if (whyNotRead(path) !== undefined && !isOfRepository(path, folder)) warnUnread(path, report);
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
  const isAtTop = basename(path).startsWith('.') && relative(folder, dirname(path)) === '';
  return isAtTop && existsSync(join(folder, '.git'));
}

function whyNotRead(path: string): string | undefined {
  if (!path.endsWith('.yaml')) return "an inventory's files end in .yaml";
  return basename(path).startsWith('.') ? 'its name begins with a dot' : undefined;
}

/** A link that led to a folder and leads to nothing takes with it all that the folder said. */
function warnBrokenLink(path: string, report: Report): void {
  const { message, help } = brokenLink(path) ?? {};
  if (message) report.warning({ code: 'folder-not-read', message, at: wholeFile(path), help });
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

/** The folders of a site that are more than a place for its YAML files. */
const KNOWN = ['templates', 'files'];

/** Far fewer edits than a misspelt key may have: a folder may be called anything, such as sites or profiles. */
const TOLERANCE = 0.25;

/**
 * Warns of folders of a site that hold something and were probably meant for `templates/` or `files/`: nothing else says
 * that what they hold is passed over. Takes the absolute paths of all files, and of those that are read; a folder that
 * holds one of these is what it should be. Litter is nothing that it holds.
 */
function checkFolders(
  site: string,
  files: { readonly all: readonly string[]; readonly read: readonly string[] },
  report: Report,
): void {
  const meaning = files.all.filter((path) => !isIgnoredFile(basename(path)));
  const read = new Set(files.read.map((path) => topFolder(site, path)));
  for (const name of new Set(meaning.map((path) => topFolder(site, path)))) {
    if (name === undefined || read.has(name)) continue;
    const meant = nearest(name, KNOWN, TOLERANCE);
    if (meant === undefined || isSame(join(site, name), join(site, meant))) continue;
    report.warning({
      code: 'folder-not-read',
      message: `${name}/ is not read, and what it holds changes nothing: did you mean ${meant}/?`,
      at: wholeFile(join(site, name)),
      help: isFolder(join(site, meant))
        ? `move what it holds to ${meant}/, or out of the site`
        : `rename it to ${meant}, or move it out of the site`,
    });
  }
}

function topFolder(site: string, path: string): string | undefined {
  const [top, ...more] = relative(site, path).split(sep);
  return more.length > 0 ? top : undefined;
}

interface Listing {
  /** What is no folder, by its absolute path, and whether it is a link that leads to nothing. */
  readonly entries: readonly { readonly path: string; readonly isBrokenLink: boolean }[];
  /** Whether links are among them, or led to some: the same file may be there under several names. */
  readonly hasLinks: boolean;
}

/**
 * Lists all below a site's folder that is no folder, links followed, but for what templates/, files/, node_modules/ and
 * folders that begin with a dot hold. Throws what `readdirSync` throws for a folder that cannot be looked into.
 */
export function listFolder(top: string): Listing {
  const entries: { path: string; isBrokenLink: boolean }[] = [];
  let hasLinks = false;
  list(top, []);
  return { entries, hasLinks };

  /** Lists a folder; `chain` are the folders that links on the way to it led to. */
  function list(folder: string, chain: readonly string[]): void {
    const isPassedOver = folder !== top && basename(folder).startsWith('.');
    for (const entry of readFolder(folder)) {
      const path = join(folder, entry.name);
      if (isPassedOver || entry.name === 'node_modules' || (folder === top && KNOWN.includes(entry.name)))
        continue;
      if (!entry.isSymbolicLink()) {
        if (entry.isDirectory()) list(path, chain);
        else entries.push({ path, isBrokenLink: false });
        continue;
      }
      hasLinks = true;
      const found = stat(path);
      // A link that leads back is followed once: from there on all would be met again.
      const target = found?.isDirectory() ? realpathSync(path) : undefined;
      if (target === undefined) entries.push({ path, isBrokenLink: !found });
      else if (!chain.includes(target)) list(path, [...chain, target]);
    }
  }
}

/** A folder that has gone meanwhile holds nothing. */
function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
