import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import fastGlob from 'fast-glob';
import type { Report } from '../diagnostics/report.ts';
import { type Place, placeOf, Source } from '../origin.ts';
import type { Disk } from './disk.ts';
import { parseYaml, type ValueMap } from './parse.ts';
import { whyUnreadable } from './unreadable.ts';
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
    const { message, help } = whyNoSite(folder);
    report.error({ code: 'no-site', message, at: wholeFile(resolve(folder)), help });
    return undefined;
  }
  const reader = new Reader(report, disk);
  const paths = await findYaml(dirname(root), report);
  const own = [root, ...paths.filter((path) => path !== root)].map((path) => reader.read(path));
  for (const file of own) if (file) reader.include(file, []);
  return reader.failed
    ? undefined
    : { own: own.filter((file) => file !== undefined), included: reader.included };
}

function whyNoSite(folder: string): { message: string; help: string } {
  if (isFile(folder))
    return { message: 'This is a file: a site is named by its folder.', help: 'name the folder' };
  const message = isFolder(folder)
    ? 'This folder is not a site: it has no site.yaml.'
    : 'There is no such folder: a site is a folder with a site.yaml.';
  return { message, help: 'begin one with: harvgen init DIR' };
}

/** Gives the absolute paths of a site's YAML files, sorted by code unit, so that the order is the same everywhere. */
async function findYaml(folder: string, report: Report): Promise<string[]> {
  const found = await fastGlob('**/*.{yaml,yml}', {
    cwd: folder,
    absolute: true,
    ignore: ['templates/**', 'files/**', '**/node_modules/**'],
  });
  for (const path of found.filter((name) => name.endsWith('.yml')).sort()) {
    report.warning({
      code: 'yml-not-read',
      message: `${basename(path)} is not read: an inventory's files end in .yaml.`,
      at: wholeFile(path),
      help: `rename it to ${basename(path, '.yml')}.yaml, or move it out of the site`,
    });
  }
  // A link that leads back into the site shows the same file under many names: the first counts.
  const byFile = new Map<string, string>();
  for (const path of found
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .reverse()) {
    byFile.set(realpathSync(path), path);
  }
  return [...byFile.values()].sort();
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
  read(path: string): InventoryFile | undefined {
    this.#done.add(path);
    const text = this.#text(path);
    const content = text === undefined ? undefined : parseYaml(new Source(path, text), this.#report);
    if (!content) this.failed = true;
    return content && { path, content };
  }

  /** Adds what a file includes: each file after, and so above, what it includes itself; a file counts once. */
  include(file: InventoryFile, chain: readonly string[]): void {
    const list = file.content.include;
    if (!Array.isArray(list)) return;
    list.forEach((name, index) => {
      if (typeof name !== 'string' || !/^[^/\\].*\.yaml$/.test(name)) return; // the shape check says so
      const path = resolve(dirname(file.path), name);
      this.#includeOne(path, placeOf(list, index), [...chain, file.path]);
    });
  }

  #includeOne(path: string, at: Place, chain: readonly string[]): void {
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
    if (!isFile(path)) {
      this.#disk.ask(path);
      this.#done.add(path);
      this.#error(
        'include-missing',
        `There is no file ${at.source.text.slice(at.start, at.end)}.`,
        at,
        'the path is relative to the file that includes it',
      );
      return;
    }
    const file = this.read(path);
    if (!file) return;
    this.include(file, chain);
    this.included.push(file);
  }

  #text(path: string): string | undefined {
    try {
      return this.#disk.text(path);
    } catch (error) {
      const { message, help } = whyUnreadable(error);
      this.#error('unreadable-file', message, wholeFile(path), help);
      return undefined;
    }
  }

  #error(code: string, message: string, at: Place, help: string): void {
    this.failed = true;
    this.#report.error({ code, message, at, help });
  }
}

function isFile(path: string): boolean {
  return stat(path)?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return stat(path)?.isDirectory() ?? false;
}

/** What is at a path, links followed; undefined for nothing, and for what cannot be reached. */
function stat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
