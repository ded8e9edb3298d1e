import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, parse, relative, resolve, sep } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { BEGINNINGS } from '../source/marks.ts';
import { located } from '../source/origin.ts';
import { Source } from '../source/source.ts';
import { isGone, whyUnreadable } from '../values/unreadable.ts';
import { type Disk, isIgnoredFile, wholeFile } from './disk.ts';

/** A file of the site's own: `files/<path>` of its folder. */
export interface SiteFile {
  /** Where it goes in the tree, with forward slashes. */
  readonly path: string;
  /** A copy at each access. */
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/**
 * Reads the files of a site's own: all below `files/`, but for litter and git's own. Reports what cannot be read, and
 * files that refer to a secret; what is at fault is missing in what is given. Each knows the place that it was read from.
 */
export function readSiteFiles(site: string, report: Report, disk: Disk): SiteFile[] {
  // A clone in `files/` brings `.git`, in which credentials lie, and a submodule a file of that name.
  const isPassedOver = (name: string) => name === '.git' || isIgnoredFile(name);
  return filesBelow(site, 'files', isPassedOver, report, disk).flatMap((found) => {
    const content = bytesOf(found, report, disk);
    if (!content || !checkNoSecret(found.file, content, report)) return [];
    const { path, file, executable } = found;
    return [located({ path, content, executable }, wholeFile(file))];
  });
}

/** What a file holds; undefined where it cannot be read, which is reported, or has gone since it was found. */
function bytesOf({ file }: FoundFile, report: Report, disk: Disk): Uint8Array | undefined {
  try {
    return disk.bytes(file);
  } catch (error) {
    if (!isGone(error))
      report.error({ code: 'unreadable-file', ...whyUnreadable(error), at: wholeFile(file) });
    return undefined;
  }
}

/** Nothing fills secrets in but the boot server's web server, and that in what harvgen makes for nodes. */
function checkNoSecret(file: string, content: Uint8Array, report: Report): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const secret = BEGINNINGS.find((mark) => bytes.includes(mark));
  if (secret === undefined) return true;
  const text = new TextDecoder().decode(content);
  const start = text.indexOf(secret);
  report.error({
    code: 'file-secret',
    message:
      'This refers to a secret, and nothing fills it in here: files of your own are served as they are.',
    at: { source: new Source(file, text), start, end: start + secret.length },
    help: 'take it out; what needs a secret belongs into the configuration of a node',
  });
  return false;
}

/** A file below `templates/`, read. */
export interface TemplateFile {
  /** Relative to `templates/`, with forward slashes. */
  readonly path: string;
  readonly source: Source;
}

/**
 * Reads the templates of a site's own: all below `templates/`, but for dotfiles and litter. Reports what cannot be
 * read, and is missing in what is given.
 */
export function readSiteTemplates(site: string, report: Report, disk: Disk): TemplateFile[] {
  return filesBelow(
    site,
    'templates',
    (name) => name.startsWith('.') || isIgnoredFile(name),
    report,
    disk,
  ).flatMap(({ path, file }) => {
    try {
      return [{ path, source: new Source(file, disk.text(file)) }];
    } catch (error) {
      if (!isGone(error))
        report.error({ code: 'unreadable-file', ...whyUnreadable(error), at: wholeFile(file) });
      return [];
    }
  });
}

/** A file below a folder of a site. */
export interface FoundFile {
  /** Relative to that folder, with forward slashes. */
  readonly path: string;
  readonly file: string;
  readonly executable: boolean;
}

/** More than this is an accident, or links that lead to links that lead to links. */
const MOST_FILES = 100_000;

/**
 * What one file may have. A site lies in git, which is not made for large files: the usual hosts refuse a push of more
 * than this. All files of a site are in memory at once, too.
 */
const MOST_BYTES = 100 * 1024 * 1024;

/**
 * Gives the files below a folder of a site, sorted by path; none where there is no such folder. `isPassedOver` says
 * which names do not count. Links are followed within the folder that holds the site, and reported where they lead out
 * of it, into a `.git`, to nothing, or in a circle; so is what is neither file nor folder, what cannot be named
 * everywhere, and what is too large. What goes away meanwhile is passed over.
 */
export function filesBelow(
  site: string,
  name: string,
  isPassedOver: (name: string) => boolean,
  report: Report,
  disk: Disk,
): FoundFile[] {
  const found: FoundFile[] = [];
  let visited = 0;
  const root = join(resolve(site), name);
  disk.ask(root);
  const homes = isThere(root) ? homesOf(resolve(site)) : [];
  const [own] = homes;
  if (own === undefined) return [];
  const stats = follow(root, [own]);
  if (stats?.isDirectory()) list(root, '', [own]);
  else if (stats)
    error('file-kind', root, 'This should be a folder.', 'make it one, or give it another name');
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));

  /** Takes the real paths of the folders around, the outermost first. */
  function list(folder: string, prefix: string, around: readonly string[]): void {
    disk.ask(folder);
    let names: Buffer[];
    let inside: readonly string[];
    try {
      inside = [...around, realpathSync(folder)];
      names = readdirSync(folder, { encoding: 'buffer' });
    } catch (thrown) {
      if (!isGone(thrown)) unreadable(folder, thrown);
      return;
    }
    for (const bytes of names) {
      const name = bytes.toString();
      if (isPassedOver(name)) continue;
      const file = join(folder, name);
      const why = whyNoName(name, bytes);
      if (why) error('file-name', file, `The name ${JSON.stringify(name)} ${why}.`, 'rename it');
      else visit(file, prefix + name, inside);
    }
  }

  function visit(file: string, path: string, around: readonly string[]): void {
    visited += 1;
    if (visited > MOST_FILES) {
      if (visited > MOST_FILES + 1) return;
      const help = 'look for links that lead to folders full of links';
      error('too-many-files', file, `There are more than ${MOST_FILES} files and folders.`, help);
      return;
    }
    const stats = follow(file, around);
    if (!stats) return;
    if (stats.isDirectory()) list(file, `${path}/`, around);
    else if (!stats.isFile()) error('file-kind', file, 'This is neither a file nor a folder.', 'remove it');
    else if (stats.size > MOST_BYTES)
      error('file-size', file, whyTooLarge(stats.size), 'put it beside the tree, with the media');
    else found.push({ path, file, executable: Boolean(stats.mode & 0o100) });
  }

  /**
   * What is at a path, links followed; undefined where it may not or cannot be read, which is reported, and where it has
   * gone since its folder was listed, which is not.
   */
  function follow(file: string, around: readonly string[]): Stats | undefined {
    let target: string | undefined; // of a link
    try {
      const stats = lstatSync(file);
      if (!stats.isSymbolicLink()) return stats;
      target = readlinkSync(file);
      const real = realpathSync(file);
      // What lies behind a link changes without the link.
      disk.ask(real);
      const why = whyNotFollowed(real, homes, around);
      if (!why) return statSync(real);
      link(file, target, why);
    } catch (thrown) {
      const isLoop = (thrown as NodeJS.ErrnoException).code === 'ELOOP';
      if (isGone(thrown)) {
        if (target !== undefined && isThere(file)) link(file, target, 'where nothing is');
      } else if (target !== undefined && isLoop) link(file, target, 'in a circle');
      else unreadable(file, thrown);
    }
    return undefined;
  }

  function link(file: string, target: string, why: string): void {
    const help = 'put the file itself here, or lead the link to a neighbour of the site';
    error('file-link', file, `This link leads to ${target}, ${why}.`, help);
  }

  function unreadable(file: string, thrown: unknown): void {
    report.error({ code: 'unreadable-file', ...whyUnreadable(thrown), at: wholeFile(file) });
  }

  function error(code: string, file: string, message: string, help: string): void {
    report.error({ code, message, at: wholeFile(file), help });
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path) !== undefined;
  } catch {
    return false; // nor is the site: that is said elsewhere
  }
}

/**
 * Gives where links of a site may lead, as real paths: the site, and what holds it, which its neighbours share, but for
 * the root of a disk. Takes an absolute path; gives nothing where the site has gone.
 */
export function homesOf(site: string): string[] {
  try {
    const own = realpathSync(site);
    const shared = realpathSync(dirname(site));
    return shared === parse(shared).root ? [own] : [own, shared];
  } catch (error) {
    if (isGone(error)) return []; // that is said elsewhere
    throw error;
  }
}

function whyNotFollowed(
  real: string,
  homes: readonly string[],
  around: readonly string[],
): string | undefined {
  const home = homes.find((folder) => isWithin(real, folder));
  if (home === undefined)
    return 'out of the folder that holds the site: an edit of the site could publish any file of the machine that builds it';
  if (relative(home, real).split(sep).includes('.git'))
    return "into git's own folder: an edit of the site could publish the credentials there";
  return around.some((folder) => isWithin(folder, real)) ? 'to a folder that it is in itself' : undefined;
}

function whyNoName(name: string, bytes: Buffer): string | undefined {
  if (!Buffer.from(name).equals(bytes)) return 'is not UTF-8: other machines would read another one';
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) return 'holds a control character: no list of files can show it';
  if (name.includes('\\')) return 'holds a backslash, which separates folders elsewhere';
  return undefined;
}

function whyTooLarge(size: number): string {
  const [has, most] = [size, MOST_BYTES].map((bytes) => Math.ceil(bytes / 1024 / 1024).toLocaleString('en'));
  return `This file has ${has} MiB, and may have ${most}: it would be committed to git with the site.`;
}

function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path !== '..' && !path.startsWith(`..${sep}`);
}
