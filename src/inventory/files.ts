import { basename, dirname, join, resolve } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { type Place, placeOf, Source } from '../source/origin.ts';
import { saysNothing, type ValueMap } from '../source/value.ts';
import { whyUnreadable } from '../values/unreadable.ts';
import { brokenLink } from './broken-link.ts';
import type { Disk } from './disk.ts';
import { findYaml } from './find-yaml.ts';
import { reportNoSite } from './no-site.ts';
import { readYaml } from './read-yaml.ts';
import { isFile, stat } from './stat.ts';
import { strangers } from './strangers.ts';
import { wholeFile } from './whole-file.ts';

/** A file that belongs to a site, read. */
export interface InventoryFile {
  readonly path: string;
  readonly content: ValueMap;
}

/** What a site is made of: its own files, the root first, and below them the included ones, the lowest first. */
export interface InventoryFiles {
  readonly own: readonly InventoryFile[];
  readonly included: readonly InventoryFile[];
}

/**
 * Reads the files of a site: `site.yaml`, every other YAML file below the folder but for `templates/` and `files/`, in
 * the order of their paths, and what they include. Gives undefined where something could not be read; what and why is
 * reported, for every file.
 */
export async function readFiles(
  folder: string,
  report: Report,
  disk: Disk,
): Promise<InventoryFiles | undefined> {
  const root = join(resolve(folder), 'site.yaml');
  disk.ask(root);
  if (!isFile(root)) {
    reportNoSite(folder, report);
    return undefined;
  }
  const reader = new Reader(report, disk);
  const paths = findYaml(dirname(root), report);
  const own: (InventoryFile | undefined)[] = [];
  for (const path of [root, ...(paths ?? []).filter((path) => path !== root)])
    own.push(await reader.read(path));
  for (const file of own.slice(1)) if (file) warnEmpty(file, report);
  for (const file of own) if (file) await reader.include(file, []);
  return reader.failed || !paths
    ? undefined
    : { own: own.filter((file) => file !== undefined), included: reader.included };
}

/** A file of the site's own that has lost its text takes what stood there from the output, and nothing else says so. */
function warnEmpty({ path, content }: InventoryFile, report: Report): void {
  if (!saysNothing(content)) return;
  report.warning({
    code: 'empty-file',
    message: `${basename(path)} says nothing: a node that stood here would be gone from the output.`,
    at: wholeFile(path),
    help: 'write what it should say, or remove it; {} says that it is meant to be empty',
  });
}

/** Reads each file once, and orders the included ones. */
class Reader {
  readonly included: InventoryFile[] = [];
  failed = false;
  readonly #report: Report;
  readonly #disk: Disk;
  readonly #done = new Set<string>();

  constructor(report: Report, disk: Disk) {
    this.#report = report;
    this.#disk = disk;
  }

  /** Reads one of the site's own files; what is read is not included once more. */
  async read(path: string): Promise<InventoryFile | undefined> {
    this.#done.add(path);
    const text = this.#text(path);
    // What an inventory does not know may be of a file of secrets: it is not shown, whether the file can be read or not.
    const source = text === undefined ? undefined : new Source(path, text, strangers);
    const content = source && (await readYaml(source, this.#report));
    if (!content) this.failed = true;
    return content && { path, content };
  }

  /** Adds what a file includes: each file after, and so above, what it includes itself; a file counts once. */
  async include(file: InventoryFile, chain: readonly string[]): Promise<void> {
    const list = file.content.include;
    if (!Array.isArray(list)) return;
    for (const [index, name] of list.entries()) {
      if (typeof name !== 'string' || !/^[^/\\].*\.yaml$/.test(name)) continue; // the shape check says so
      const path = resolve(dirname(file.path), name);
      await this.#includeOne(path, placeOf(list, index), [...chain, file.path]);
    }
  }

  async #includeOne(path: string, at: Place, chain: readonly string[]): Promise<void> {
    const written = at.source.text.slice(at.start, at.end);
    if (chain.includes(path)) {
      const loop = [...chain.slice(chain.indexOf(path)), path].map((file) => basename(file));
      this.#error(
        'include-cycle',
        `These files include each other: ${loop.join(' → ')}.`,
        at,
        'break the circle',
      );
      return;
    }
    if (this.#done.has(path)) return;
    if (isRootOfSite(path)) {
      this.#error(
        'include-site',
        `${written} is the root of another site: all that is in that site would be in this one, too.`,
        at,
        'move what both share into a file of its own, such as ../_shared/common.yaml, and include that in both',
      );
      return;
    }
    if (!isFile(path)) {
      this.#disk.ask(path);
      this.#done.add(path);
      this.#error(
        'include-missing',
        `There is no file ${written}.`,
        at,
        'the path is relative to the file that includes it',
      );
      return;
    }
    const file = await this.read(path);
    if (!file) return;
    await this.include(file, chain);
    this.included.push(file);
  }

  #text(path: string): string | undefined {
    const there = stat(path);
    if (there && !there.isFile()) {
      // To read a pipe would be to wait for it.
      this.#error('unreadable-file', 'This is neither a file nor a folder.', wholeFile(path), 'remove it');
      return undefined;
    }
    try {
      return this.#disk.text(path);
    } catch (error) {
      const broken = brokenLink(path);
      // What comes to be there changes nothing about the link.
      if (broken) this.#disk.ask(broken.target);
      const { message, help } = broken ?? whyUnreadable(error);
      this.#error('unreadable-file', message, wholeFile(path), help);
      return undefined;
    }
  }

  #error(code: string, message: string, at: Place, help: string): void {
    this.failed = true;
    this.#report.error({ code, message, at, help });
  }
}

/** What begins with `_` is shared by sites, and is none. */
function isRootOfSite(path: string): boolean {
  return basename(path) === 'site.yaml' && !basename(dirname(path)).startsWith('_') && isFile(path);
}
