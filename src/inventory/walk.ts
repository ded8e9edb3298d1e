import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, parse, relative, resolve, sep } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { isGone, whyUnreadable } from '../values/unreadable.ts';
import type { Disk } from './disk.ts';
import { wholeFile } from './whole-file.ts';

/** A file below a folder of a site. */
export interface FoundFile {
  /** Relative to that folder, with forward slashes. */
  readonly path: string;
  /** The absolute path. */
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
  const root = join(resolve(site), name);
  disk.ask(root);
  const [own, ...others] = isThere(root) ? homesOf(resolve(site)) : [];
  if (own === undefined) return [];
  const walker = new Walker([own, ...others], isPassedOver, report, disk);
  walker.enter(root, own);
  return walker.found.sort((a, b) => (a.path < b.path ? -1 : 1));
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

class Walker {
  readonly found: FoundFile[] = [];
  readonly #homes: readonly string[];
  readonly #isPassedOver: (name: string) => boolean;
  readonly #report: Report;
  readonly #disk: Disk;
  #visited = 0;

  constructor(homes: readonly string[], isPassedOver: (name: string) => boolean, report: Report, disk: Disk) {
    this.#homes = homes;
    this.#isPassedOver = isPassedOver;
    this.#report = report;
    this.#disk = disk;
  }

  /** Goes through the root, which must be a folder. Takes the real path of the site, too. */
  enter(root: string, site: string): void {
    const stats = this.#follow(root, [site]);
    if (!stats) return;
    if (stats.isDirectory()) this.#list(root, '', [site]);
    else this.#error('file-kind', root, 'This should be a folder.', 'make it one, or give it another name');
  }

  /** Takes the real paths of the folders around, the outermost first. */
  #visit(file: string, path: string, around: readonly string[]): void {
    this.#visited += 1;
    if (this.#visited > MOST_FILES) {
      if (this.#visited > MOST_FILES + 1) return;
      const help = 'look for links that lead to folders full of links';
      this.#error('too-many-files', file, `There are more than ${MOST_FILES} files and folders.`, help);
      return;
    }
    const stats = this.#follow(file, around);
    if (!stats) return;
    if (stats.isDirectory()) this.#list(file, `${path}/`, around);
    else if (stats.isFile()) this.#find(file, path, stats);
    else this.#error('file-kind', file, 'This is neither a file nor a folder.', 'remove it');
  }

  #find(file: string, path: string, { mode, size }: Stats): void {
    if (size <= MOST_BYTES) this.found.push({ path, file, executable: Boolean(mode & 0o100) });
    else this.#error('file-size', file, whyTooLarge(size), 'put it beside the tree, with the media');
  }

  #list(folder: string, prefix: string, around: readonly string[]): void {
    this.#disk.ask(folder);
    let names: Buffer[];
    let inside: readonly string[];
    try {
      inside = [...around, realpathSync(folder)];
      names = readdirSync(folder, { encoding: 'buffer' });
    } catch (error) {
      if (!isGone(error)) this.#unreadable(folder, error);
      return;
    }
    for (const bytes of names) {
      const name = bytes.toString();
      if (this.#isPassedOver(name)) continue;
      const file = join(folder, name);
      const why = whyNoName(name, bytes);
      if (why) this.#error('file-name', file, `The name ${JSON.stringify(name)} ${why}.`, 'rename it');
      else this.#visit(file, prefix + name, inside);
    }
  }

  /**
   * What is at a path, links followed; undefined where it may not or cannot be read, which is reported, and where it has
   * gone since its folder was listed, which is not.
   */
  #follow(file: string, around: readonly string[]): Stats | undefined {
    let target: string | undefined; // of a link
    try {
      const stats = lstatSync(file);
      if (!stats.isSymbolicLink()) return stats;
      target = readlinkSync(file);
      const real = realpathSync(file);
      // What lies behind a link changes without the link.
      this.#disk.ask(real);
      const why = this.#whyNotFollowed(real, around);
      if (!why) return statSync(real);
      this.#link(file, target, why);
    } catch (error) {
      const isLoop = (error as NodeJS.ErrnoException).code === 'ELOOP';
      if (isGone(error)) {
        if (target !== undefined && isThere(file)) this.#link(file, target, 'where nothing is');
      } else if (target !== undefined && isLoop) this.#link(file, target, 'in a circle');
      else this.#unreadable(file, error);
    }
    return undefined;
  }

  #whyNotFollowed(real: string, around: readonly string[]): string | undefined {
    const home = this.#homes.find((folder) => isWithin(real, folder));
    if (home === undefined)
      return 'out of the folder that holds the site: an edit of the site could publish any file of the machine that builds it';
    if (relative(home, real).split(sep).includes('.git'))
      return "into git's own folder: an edit of the site could publish the credentials there";
    if (around.some((folder) => isWithin(folder, real))) return 'to a folder that it is in itself';
    return undefined;
  }

  #link(file: string, target: string, why: string): void {
    const message = `This link leads to ${target}, ${why}.`;
    this.#error(
      'file-link',
      file,
      message,
      'put the file itself here, or lead the link to a neighbour of the site',
    );
  }

  #unreadable(file: string, error: unknown): void {
    const { message, help } = whyUnreadable(error);
    this.#error('unreadable-file', file, message, help);
  }

  #error(code: string, file: string, message: string, help: string): void {
    this.#report.error({ code, message, at: wholeFile(file), help });
  }
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
