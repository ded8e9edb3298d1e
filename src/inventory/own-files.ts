import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { located } from '../source/origin.ts';
import { BEGINNINGS } from '../source/placeholders.ts';
import { Source } from '../source/source.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { controlIn } from '../values/text.ts';
import { isGone } from '../values/unreadable.ts';
import { type Disk, isIgnoredFile, reportUnreadable, wholeFile } from './disk.ts';

/** A file of the site: `files/<path>` in its directory. */
export interface SiteFile {
  /** The path of the file in the output tree, with forward slashes. */
  readonly path: string;
  /** The content: a copy at each access. */
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/**
 * Reads the files of a site: all below `files/`, except ignored files and git's own. Reports files that are unreadable or
 * refer to a secret, and omits them. Each file records the source location that it was read from.
 */
export function readSiteFiles(site: string, report: Report, disk: Disk): SiteFile[] {
  // A clone in `files/` contains `.git`, with credentials, and a submodule contains a file of that name.
  const isIgnored = (name: string) => name === '.git' || isIgnoredFile(name);
  return filesBelow(site, 'files', isIgnored, report, disk).flatMap((found) => {
    const content = contentOf(found, report, (file) => disk.bytes(file));
    if (!content || !checkNoSecret(found.file, content, report)) return [];
    const { path, file, executable } = found;
    // Clients of www/ fetch files, whatever their mode is.
    if (
      !executable &&
      !path.startsWith('www/') &&
      /^#! ?\//.test(Buffer.from(content.slice(0, 4)).toString())
    )
      report.warning({
        code: 'file-not-executable',
        message: 'This script begins with #!, but is not executable: neither is its copy in the output tree.',
        at: wholeFile(file),
        help: 'run chmod +x on it, and commit that: git stores it',
      });
    return [located({ path, content, executable }, wholeFile(file))];
  });
}

/** Returns what `read` reads from a file; undefined if it is unreadable, which it reports, or was removed after it was found. */
function contentOf<T>({ file }: FoundFile, report: Report, read: (file: string) => T): T | undefined {
  try {
    return read(file);
  } catch (error) {
    if (!isGone(error)) reportUnreadable(file, error, report);
    return undefined;
  }
}

/** Reports a secret in a file. Secrets are substituted only by the boot server, and only in files that harvgen writes for nodes. */
function checkNoSecret(file: string, content: Uint8Array, report: Report): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const secret = BEGINNINGS.find((mark) => bytes.includes(mark));
  if (secret === undefined) return true;
  const text = new TextDecoder().decode(content);
  const start = text.indexOf(secret);
  report.error({
    code: 'file-secret',
    message:
      'This refers to a secret, but secrets are not substituted here: files below `files/` are served unchanged.',
    at: { source: new Source(file, text), start, end: start + secret.length },
    help: "remove it, and use the secret in a node's configuration instead",
  });
  return false;
}

/** A file below `templates/`, with its text. */
export interface TemplateFile {
  /** The path relative to `templates/`, with forward slashes. */
  readonly path: string;
  readonly source: Source;
}

/** Reads the templates of a site: all files below `templates/`, except dotfiles and ignored files. Omits and reports unreadable ones. */
export function readSiteTemplates(site: string, report: Report, disk: Disk): TemplateFile[] {
  const isIgnored = (name: string) => name.startsWith('.') || isIgnoredFile(name);
  return filesBelow(site, 'templates', isIgnored, report, disk).flatMap((found) => {
    const source = contentOf(found, report, (file) => new Source(file, disk.text(file)));
    return source ? [{ path: found.path, source }] : [];
  });
}

/** A file below a directory of a site. */
export interface FoundFile {
  /** The path relative to that directory, with forward slashes. */
  readonly path: string;
  readonly file: string;
  readonly executable: boolean;
}

/** Maximum number of files: more are an accident, or links that lead to links. */
const MOST_FILES = 100_000;

/**
 * The maximum size of a file. A site is in git, which is not made for large files: the usual hosts reject larger ones. All
 * files of a site are also in memory at once.
 */
const MOST_BYTES = 100 * 1024 * 1024;

/**
 * Returns the files below a directory of a site, sorted by path; none if there is no such directory. Skips names for which
 * `isIgnored` returns true. Follows links within the directory that contains the site. Reports links out of it, to a
 * missing target, into a `.git` or in a loop. Reports entries that are neither files nor directories, names that are not
 * portable, and files that are too large. Skips files that are removed in the meantime.
 */
export function filesBelow(
  site: string,
  name: string,
  isIgnored: (name: string) => boolean,
  report: Report,
  disk: Disk,
): FoundFile[] {
  const found: FoundFile[] = [];
  /** The links that were reported, by their paths without links, and the directories that links in them lead back to. */
  const reported = new Set<string>();
  const looping = new Set<string>();
  let visited = 0;
  const root = join(resolve(site), name);
  disk.request(root);
  const roots = isThere(root) ? allowedRoots(resolve(site)) : [];
  const [own] = roots;
  if (own === undefined) return [];
  const stats = follow(root, [own]);
  if (stats?.isDirectory()) list(root, '', [own]);
  else if (stats)
    error(
      'file-kind',
      root,
      'This is not a directory: it contains no files of the site.',
      'replace it by a directory, or rename it',
    );
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));

  /** Lists a directory; takes the real paths of the directories around it, the outermost first. */
  function list(folder: string, prefix: string, around: readonly string[]): void {
    disk.request(folder);
    let names: Buffer[];
    let inside: readonly string[];
    try {
      inside = [...around, realpathSync(folder)];
      // In the same order everywhere: it selects the path by which a loop is reported.
      names = readdirSync(folder, { encoding: 'buffer' }).sort(Buffer.compare);
    } catch (thrown) {
      if (!isGone(thrown)) reportUnreadable(folder, thrown, report);
      return;
    }
    for (const bytes of names) {
      const name = bytes.toString();
      if (isIgnored(name)) continue;
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
      const help = 'look for links to directories full of links';
      error('too-many-files', file, `There are more than ${MOST_FILES} files and directories.`, help);
      return;
    }
    const stats = follow(file, around);
    if (!stats) return;
    if (stats.isDirectory()) list(file, `${path}/`, around);
    else if (!stats.isFile())
      error('file-kind', file, 'This is neither a file nor a directory: it cannot be copied.', 'remove it');
    else if (stats.size > MOST_BYTES)
      error(
        'file-size',
        file,
        whyTooLarge(stats.size),
        'put it next to the output tree, with the installation media',
      );
    else found.push({ path, file, executable: Boolean(stats.mode & 0o100) });
  }

  /**
   * Returns the properties of a path, and follows links; undefined if it is forbidden or unreadable, which it reports, or was
   * removed after its directory was listed.
   */
  function follow(file: string, around: readonly string[]): Stats | undefined {
    let target: string | undefined; // of a link
    try {
      const stats = lstatSync(file);
      if (!stats.isSymbolicLink()) return stats;
      target = readlinkSync(file);
      const real = realpathSync(file);
      // The target of a link can change without the link.
      disk.request(real);
      const why = whyNotFollowed(real, roots, around);
      // Each loop is reported once, not by each path through all the others.
      if (!why) return looping.has(real) ? undefined : statSync(real);
      const own = join(around.at(-1) ?? '', basename(file));
      if (!reported.has(own)) link(file, target, why);
      reported.add(own);
      if (why === LOOP)
        for (const folder of around.slice(around.findIndex((folder) => isWithin(folder, real))))
          looping.add(folder);
    } catch (thrown) {
      const isLoop = (thrown as NodeJS.ErrnoException).code === 'ELOOP';
      if (isGone(thrown)) {
        if (target !== undefined && isThere(file)) link(file, target, 'which does not exist');
      } else if (target !== undefined && isLoop) link(file, target, 'in a loop');
      else reportUnreadable(file, thrown, report);
    }
    return undefined;
  }

  function link(file: string, target: string, why: string): void {
    const help = 'replace the link by its target, or move the target next to the site';
    error('file-link', file, `This link leads to ${target}, ${why}.`, help);
  }

  function error(code: string, file: string, message: string, help: string): void {
    report.error({ code, message, at: wholeFile(file), help });
  }
}

function isThere(path: string): boolean {
  // Without it, the site is missing, too, which is reported elsewhere.
  return orUndefined(() => lstatSync(path)) !== undefined;
}

/**
 * Returns the real paths of the directories that links of a site may lead to. These are the site and the directory around it,
 * except the root of a disk. Takes an absolute path. Returns nothing if the site was removed.
 */
export function allowedRoots(site: string): string[] {
  try {
    const own = realpathSync(site);
    const shared = realpathSync(dirname(site));
    return shared === parse(shared).root ? [own] : [own, shared];
  } catch (error) {
    if (isGone(error)) return []; // reported elsewhere
    throw error;
  }
}

const LOOP = 'which contains the link';

function whyNotFollowed(
  real: string,
  roots: readonly string[],
  around: readonly string[],
): string | undefined {
  const root = roots.find((folder) => isWithin(real, folder));
  if (root === undefined)
    return 'out of the directory that contains the site: an edit of the site could publish any file of the machine that builds it';
  if (relative(root, real).split(sep).includes('.git'))
    return "into git's own directory: an edit of the site could publish the credentials there";
  return around.some((folder) => isWithin(folder, real)) ? LOOP : undefined;
}

function whyNoName(name: string, bytes: Buffer): string | undefined {
  if (!Buffer.from(name).equals(bytes)) return 'is not UTF-8: other machines would misread it';
  if (/[\t\r\n\p{Zl}\p{Zp}]/u.test(name) || controlIn(name) !== undefined)
    return 'contains a control character: file lists cannot show it';
  if (name.includes('\\')) return 'contains a backslash, which separates directories on other systems';
  return undefined;
}

function whyTooLarge(size: number): string {
  const [has, most] = [size, MOST_BYTES].map((bytes) => Math.ceil(bytes / 1024 / 1024).toLocaleString('en'));
  return `This file has ${has} MiB, but the limit is ${most}: it would be committed to git with the site.`;
}

function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path !== '..' && !path.startsWith(`..${sep}`);
}
