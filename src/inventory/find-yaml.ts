import { type Dirent, existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { nearest } from '../values/text.ts';
import { brokenLink, isFolder, isIgnoredFile, isSame, reportUnreadable, stat, wholeFile } from './disk.ts';

/**
 * Returns the absolute paths of the YAML files of a site, sorted by code unit, so that the order is the same everywhere.
 * Includes broken links, which the reader then reports. Warns of files and directories that are probably intended as input
 * but are not read. Returns undefined, with an error, if a directory is unreadable.
 */
export function findYaml(folder: string, report: Report): string[] | undefined {
  let listing: Listing;
  try {
    listing = listFolder(folder);
  } catch (error) {
    const { path = folder } = error as NodeJS.ErrnoException;
    reportUnreadable(path, error, report);
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

/** Through a link back into the site, one file has several paths: keeps the shortest, then the first. */
function eachOnce(paths: readonly string[]): string[] {
  const byFile = new Map<string, string>();
  for (const path of [...paths].sort(byDepth).reverse()) byFile.set(realPath(path), path);
  return [...byFile.values()].sort();
}

function byDepth(path: string, other: string): number {
  return path.split('/').length - other.split('/').length || (path < other ? -1 : 1);
}

function realPath(path: string): string {
  const real = orUndefined(() => realpathSync(path));
  if (real !== undefined) return real;
  // A broken link, or a file that was removed in the meantime.
  const folder = dirname(path);
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}

/** Whether a file is probably a tool's settings at the top of a repository, such as `.gitlab-ci.yml`. */
function isOfRepository(path: string, folder: string): boolean {
  const isAtTop = basename(path).startsWith('.') && relative(folder, dirname(path)) === '';
  return isAtTop && existsSync(join(folder, '.git'));
}

/** Returns why a file of YAML is not read, from its name, as a clause; undefined if it is read. */
export function whyNotRead(path: string): string | undefined {
  if (!path.endsWith('.yaml')) return 'names of inventory files must end in .yaml';
  return basename(path).startsWith('.') ? 'its name begins with a dot' : undefined;
}

/** Warns of a broken link to a directory: all content of the directory is missing. */
function warnBrokenLink(path: string, report: Report): void {
  const { message, help } = brokenLink(path) ?? {};
  if (message) report.warning({ code: 'folder-not-read', message, at: wholeFile(path), help });
}

/** Warns of a file that is not read, although its content is probably part of the site. */
export function warnUnread(path: string, report: Report): void {
  const name = basename(path);
  report.warning({
    code: 'yml-not-read',
    message: `${name} is not read: ${whyNotRead(path)}.`,
    at: wholeFile(path),
    help: `rename it to ${name.replace(/^\.+/, '').replace(/\.ya?ml$/i, '.yaml')}, or move it out of the site`,
  });
}

/** The directories of a site that do not contain YAML files of the inventory. */
const KNOWN = ['templates', 'files', 'manifests'];

/** Far fewer edits than for a misspelled key: a directory may have any name, such as sites or profiles. */
const TOLERANCE = 0.25;

/**
 * Warns of directories with a name similar to `templates/`, `files/` or `manifests/`: nothing else reports that their content is ignored.
 * Takes the absolute paths of all files, and of those that are read. A directory with files that are read is correct, and one
 * with only ignored files is empty.
 */
function checkFolders(
  site: string,
  files: { readonly all: readonly string[]; readonly read: readonly string[] },
  report: Report,
): void {
  const relevant = files.all.filter((path) => !isIgnoredFile(basename(path)));
  const read = new Set(files.read.map((path) => topFolder(site, path)));
  for (const name of new Set(relevant.map((path) => topFolder(site, path)))) {
    if (name === undefined || read.has(name)) continue;
    const meant = nearest(name, KNOWN, TOLERANCE);
    if (meant === undefined || isSame(join(site, name), join(site, meant))) continue;
    report.warning({
      code: 'folder-not-read',
      message: `${name}/ is not read, so its content has no effect: did you mean ${meant}/?`,
      at: wholeFile(join(site, name)),
      help: isFolder(join(site, meant))
        ? `move its content to ${meant}/, or out of the site`
        : `rename it to ${meant}, or move it out of the site`,
    });
  }
}

function topFolder(site: string, path: string): string | undefined {
  const [top, ...more] = relative(site, path).split(sep);
  return more.length > 0 ? top : undefined;
}

interface Listing {
  /** All entries that are not directories, by absolute path, and whether each is a broken link. */
  readonly entries: readonly { readonly path: string; readonly isBrokenLink: boolean }[];
  /** Whether there are links: the same file may then have several paths. */
  readonly hasLinks: boolean;
}

/** A directory to list: its path, and its path without links. */
interface Folder {
  readonly path: string;
  readonly real: string;
}

/**
 * Lists all entries below a site's directory that are not directories, and follows links. Skips templates/, files/,
 * manifests/, node_modules/ and directories that begin with a dot. Lists each directory once: of its paths, through links, by the shortest, then
 * the first. Throws the error of `readdirSync` for an unreadable directory.
 */
export function listFolder(top: string): Listing {
  const entries: { path: string; isBrokenLink: boolean }[] = [];
  const listed = new Set<string>();
  let hasLinks = false;
  let level: Folder[] = [{ path: top, real: realpathSync(top) }];
  while (level.length > 0) {
    const folders = level.sort((folder, other) => (`${folder.path}/` < `${other.path}/` ? -1 : 1));
    level = [];
    for (const folder of folders) {
      if (listed.has(folder.real)) continue;
      listed.add(folder.real);
      for (const entry of readFolder(folder.path)) visit(folder, entry);
    }
  }
  return { entries, hasLinks };

  function visit(folder: Folder, entry: Dirent): void {
    if (entry.name === 'node_modules' || (folder.path === top && KNOWN.includes(entry.name))) return;
    const path = join(folder.path, entry.name);
    const isLink = entry.isSymbolicLink();
    hasLinks ||= isLink;
    const found = isLink ? stat(path) : entry;
    if (!found?.isDirectory()) entries.push({ path, isBrokenLink: !found });
    else if (!entry.name.startsWith('.'))
      level.push({ path, real: isLink ? realpathSync(path) : join(folder.real, entry.name) });
  }
}

/** A directory that was removed in the meantime is empty. */
function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
