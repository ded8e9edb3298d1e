import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { isEmptyFile, locationOf, type Value, type ValueMap } from '../source/origin.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import { whyUnreadable } from '../values/unreadable.ts';
import { brokenLink, type Disk, isFile, isFolder, stat, wholeFile } from './disk.ts';
import { findYaml } from './find-yaml.ts';
import { parseYaml } from './parse.ts';
import { readPlainYaml } from './plain-yaml/reader.ts';
import { unknownKeyValues } from './secrets.ts';

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
export function readFiles(folder: string, report: Report, disk: Disk): InventoryFiles | undefined {
  const root = join(resolve(folder), 'site.yaml');
  disk.ask(root);
  if (!isFile(root)) {
    reportNoSite(folder, report);
    return undefined;
  }
  const included: InventoryFile[] = [];
  const done = new Set<string>();
  let failed = false;
  const paths = findYaml(dirname(root), report);
  const own: InventoryFile[] = [];
  for (const path of [root, ...(paths ?? []).filter((path) => path !== root)]) {
    const file = read(path);
    if (file) own.push(file);
  }
  for (const file of own) if (file.path !== root) warnEmpty(file, report);
  for (const file of own) include(file, []);
  return failed || !paths ? undefined : { own, included };

  function read(path: string): InventoryFile | undefined {
    done.add(path);
    const text = textOf(path);
    // What an inventory does not know may be of a file of secrets: it is not shown, whether the file can be read or not.
    const content =
      text === undefined ? undefined : readYaml(new Source(path, text, unknownKeyValues), report);
    failed ||= content === undefined;
    return content && { path, content };
  }

  /** Adds what a file includes: each file after, and so above, what it includes itself; a file counts once. */
  function include(file: InventoryFile, above: readonly string[]): void {
    const list = file.content.include;
    const chain = [...above, file.path];
    for (const [index, name] of Array.isArray(list) ? list.entries() : []) {
      if (typeof name !== 'string' || !/^[^/\\].*\.yaml$/.test(name)) continue; // the shape check says so
      const path = resolve(dirname(file.path), name);
      if (!checkIncluded(path, locationOf(list as Value[], index), chain)) continue;
      const found = read(path);
      if (!found) continue;
      include(found, chain);
      included.push(found);
    }
  }

  function checkIncluded(path: string, at: SourceLocation, chain: readonly string[]): boolean {
    const written = at.source.text.slice(at.start, at.end);
    if (chain.includes(path)) {
      const loop = [...chain.slice(chain.indexOf(path)), path].map((file) => basename(file));
      fail('include-cycle', at, `These files include each other: ${loop.join(' → ')}.`, 'break the circle');
    } else if (done.has(path)) {
      return false;
    } else if (isRootOfSite(path)) {
      fail(
        'include-site',
        at,
        `${written} is the root of another site: all that is in that site would be in this one, too.`,
        'move what both share into a file of its own, such as ../_shared/common.yaml, and include that in both',
      );
    } else if (!isFile(path)) {
      disk.ask(path);
      done.add(path);
      const help = 'the path is relative to the file that includes it';
      fail('include-missing', at, `There is no file ${written}.`, help);
    } else return true;
    return false;
  }

  function textOf(path: string): string | undefined {
    const there = stat(path);
    // To read a pipe would be to wait for it.
    if (there && !there.isFile())
      return fail('unreadable-file', wholeFile(path), 'This is neither a file nor a folder.', 'remove it');
    try {
      return disk.text(path);
    } catch (error) {
      const broken = brokenLink(path);
      // What comes to be there changes nothing about the link.
      if (broken) disk.ask(broken.target);
      const { message, help } = broken ?? whyUnreadable(error);
      return fail('unreadable-file', wholeFile(path), message, help);
    }
  }

  function fail(code: string, at: SourceLocation, message: string, help: string): undefined {
    failed = true;
    report.error({ code, message, at, help });
  }
}

/** A file of the site's own that has lost its text takes what stood there from the output, and nothing else says so. */
function warnEmpty({ path, content }: InventoryFile, report: Report): void {
  if (!isEmptyFile(content)) return;
  report.warning({
    code: 'empty-file',
    message: `${basename(path)} says nothing: a node that stood here would be gone from the output.`,
    at: wholeFile(path),
    help: 'write what it should say, or remove it; {} says that it is meant to be empty',
  });
}

/** What begins with `_` is shared by sites, and is none. */
function isRootOfSite(path: string): boolean {
  return basename(path) === 'site.yaml' && !basename(dirname(path)).startsWith('_') && isFile(path);
}

/** Reports that a folder, as the command line names it, is no site, with what was probably meant by it. */
function reportNoSite(folder: string, report: Report): void {
  const path = resolve(folder);
  const root = join(path, 'site.yaml');
  const broken = brokenLink(root);
  if (broken) {
    report.error({
      code: 'unreadable-file',
      message: broken.message,
      help: broken.help,
      at: wholeFile(root),
    });
    return;
  }
  const { message, help, name = '' } = whyNoSite(folder, namesIn(path));
  report.error({ code: 'no-site', message, at: wholeFile(join(path, name)), help });
}

interface WhyNoSite {
  readonly message: string;
  readonly help: string;
  readonly name?: string;
}

function whyNoSite(folder: string, names: readonly string[]): WhyNoSite {
  if (isFile(folder))
    return { message: 'This is a file: a site is named by its folder.', help: 'name the folder' };
  const help = 'begin one with: harvgen init DIR';
  if (!isFolder(folder))
    return { message: 'There is no such folder: a site is a folder with a site.yaml.', help };
  const misnamed = names.find((name) => /^site\.ya?ml$/i.test(name) && isFile(join(folder, name)));
  if (misnamed !== undefined) {
    return {
      message: `The folder is not a site: it has no site.yaml, but ${misnamed}, which is not read.`,
      help: `rename ${join(folder, misnamed)} to site.yaml`,
      name: misnamed,
    };
  }
  const sites = names.filter((name) => !/^[_.]/.test(name) && isFile(join(folder, name, 'site.yaml')));
  const [first, second] = sites;
  if (first === undefined) return { message: 'This folder is not a site: it has no site.yaml.', help };
  const said = namesOf(sites.map((name) => ({ name })));
  return second === undefined
    ? {
        message: `This folder is not a site: it has no site.yaml, but holds the site ${said}.`,
        help: `name the site: harvgen build ${join(folder, first)}`,
      }
    : {
        message: `This folder is not a site: it has no site.yaml, but holds the sites ${said}.`,
        help: `name one of them, or all: harvgen build '${join(folder, '*')}'`,
      };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/**
 * Reads the YAML text of one file as `parseYaml` does: the usual way of writing it by itself, and anything else, or what
 * has a fault, by the reader of all YAML.
 */
function readYaml(source: Source, report: Report): ValueMap | undefined {
  const map = readPlainYaml(source);
  if (map) return map;
  return parseYaml(source, report);
}
