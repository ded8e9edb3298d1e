import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { locationOf, selfLocation, type Value, type ValueMap } from '../source/origin.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { quoteShell } from '../values/quoting.ts';
import { nearest } from '../values/text.ts';
import { whyUnreadable } from '../values/unreadable.ts';
import { brokenLink, type Disk, isFile, isFolder, stat, wholeFile } from './disk.ts';
import { findYaml } from './find-yaml.ts';
import { parseYaml } from './parse.ts';
import { readPlainYaml } from './plain-yaml/reader.ts';
import { unknownKeyValues } from './secrets.ts';

/** A file of a site, with its content. */
export interface InventoryFile {
  readonly path: string;
  readonly content: ValueMap;
}

/** The files of a site: its own, with the root first, and the included ones, with the lowest layer first. */
export interface InventoryFiles {
  readonly own: readonly InventoryFile[];
  readonly included: readonly InventoryFile[];
}

/**
 * Reads the files of a site: `site.yaml`, every other YAML file below its directory except in `templates/`, `files/` and
 * `manifests/`, in the order of their paths, and all included files. Returns undefined if a file could not be read; reports the reason for
 * every such file.
 */
export function readFiles(folder: string, report: Report, disk: Disk): InventoryFiles | undefined {
  const root = join(resolve(folder), 'site.yaml');
  disk.request(root);
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
    // Values of unknown keys may be from a file of secrets: they are concealed, even if the file does not parse.
    const content =
      text === undefined ? undefined : readYaml(new Source(path, text, unknownKeyValues), report);
    failed ||= content === undefined;
    return content && { path, content };
  }

  /** Adds the files that a file includes: each one after, and therefore above, its own includes; each file only once. */
  function include(file: InventoryFile, above: readonly string[]): void {
    const list = file.content.include;
    const chain = [...above, file.path];
    for (const [index, name] of Array.isArray(list) ? list.entries() : []) {
      if (typeof name !== 'string' || !/^[^/\\].*\.yaml$/.test(name)) continue; // the schema check reports it
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
      fail(
        'include-cycle',
        at,
        `These files include each other: ${loop.join(' → ')}.`,
        'remove one of these includes',
      );
    } else if (done.has(path)) {
      return false;
    } else if (isRootOfSite(path)) {
      fail(
        'include-site',
        at,
        `${written} is the site.yaml of another site: this site would contain all its machines and networks.`,
        'move shared content to its own file, such as ../_shared/common.yaml, and include it in both sites',
      );
    } else if (!isFile(path)) {
      disk.request(path);
      done.add(path);
      const help = 'write the path relative to the file that includes it';
      fail('include-missing', at, `There is no file ${written}.`, help);
    } else return true;
    return false;
  }

  function textOf(path: string): string | undefined {
    const there = stat(path);
    // Reading a pipe would block.
    if (there && !there.isFile())
      return fail(
        'unreadable-file',
        wholeFile(path),
        'This is neither a file nor a directory: it cannot be read.',
        'remove it',
      );
    try {
      return disk.text(path);
    } catch (error) {
      const broken = brokenLink(path);
      // If the target is created, the link itself does not change.
      if (broken) disk.request(broken.target);
      const { message, help } = broken ?? whyUnreadable(error);
      return fail('unreadable-file', wholeFile(path), message, help);
    }
  }

  function fail(code: string, at: SourceLocation, message: string, help: string): undefined {
    failed = true;
    report.error({ code, message, at, help });
  }
}

/** Warns of an empty file: it may have lost its text, and then its nodes are missing from the output. */
function warnEmpty({ path, content }: InventoryFile, report: Report): void {
  const { start, end } = selfLocation(content);
  if (start !== end) return; // `{}` is intentionally empty
  report.warning({
    code: 'empty-file',
    message: `${basename(path)} is empty: nodes that it contained would be missing from the output.`,
    at: wholeFile(path),
    help: 'restore its content, remove it, or write {} if it is intentionally empty',
  });
}

/** A directory whose name begins with `_` is shared by sites, and not a site. */
function isRootOfSite(path: string): boolean {
  return basename(path) === 'site.yaml' && !basename(dirname(path)).startsWith('_') && isFile(path);
}

/** Reports that a path of the command line is not a site, with the site that was probably meant. */
function reportNoSite(folder: string, report: Report): void {
  const broken = brokenLink(join(resolve(folder), 'site.yaml'));
  const { message, help, name = '' } = broken ? { ...broken, name: 'site.yaml' } : whyNoSite(folder);
  const code = broken ? 'unreadable-file' : 'no-site';
  report.error({ code, message, at: wholeFile(join(resolve(folder), name)), help });
}

function whyNoSite(folder: string): { message: string; help: string; name?: string } {
  const around = siteAround(folder);
  const within = [folder, join(folder, 'sites')].map(sitesIn).find(({ length }) => length > 0);
  const sites = around === undefined ? (within ?? likelySites(folder)) : [around];
  const [first, all] = [sites[0] ?? 'DIR', join(sites[0] ?? '', '../*')].map(quoteShell);
  const pass = sites.length > 1 ? `pass a site, such as ${first}, or all: ${all}` : `pass the site: ${first}`;
  const help = sites.length > 0 ? pass : 'create one with: harvgen init DIR';
  if (isFile(folder)) return { message: 'This is a file, but a site is a directory.', help };
  if (!isFolder(folder))
    return { message: 'This directory does not exist: a site is a directory with a site.yaml.', help };
  const message = 'This directory is not a site: it has no site.yaml, but';
  if (around !== undefined)
    return { message: `${message} is in the site ${basename(resolve(around))}.`, help };
  const name = namesIn(folder).find((name) => isMisnamed(join(folder, name)));
  const [from, to] = [name ?? '', 'site.yaml'].map((file) => quoteShell(join(folder, file)));
  if (name !== undefined)
    return { message: `${message} ${name}, which is not read.`, help: `mv ${from} ${to}`, name };
  const list = namesOf(sites.map((site) => ({ name: basename(site) })));
  const contains = ` contains the site${sites.length > 1 ? 's' : ''} ${list}`;
  return { message: `${within ? message + contains : message.replace(', but', '')}.`, help };
}

/** Returns the site of a path's name, or else the sites where they usually are. */
function likelySites(folder: string): string[] {
  const path = /\.ya?ml$/i.test(folder) ? dirname(folder) : folder;
  const sites = [...new Set([dirname(path), '.', 'sites', '..', '../sites'].flatMap(sitesIn))];
  const names = sites.map((site) => basename(site));
  const near = sites[names.indexOf(String(nearest(basename(path), names)))];
  return near === undefined ? sites : [near];
}

/** Returns the nearest directory above a path that is a site, as a path of the same form. */
function siteAround(path: string): string | undefined {
  const above = join(path, '..');
  if (resolve(above) === resolve(path)) return undefined;
  return isFile(join(above, 'site.yaml')) ? above : siteAround(above);
}

/** Whether a file is the root of a site by its name or its content, but is not named `site.yaml`. */
function isMisnamed(path: string): boolean {
  if (!/\.ya?ml$/i.test(path) || !isFile(path)) return false;
  const text = orUndefined(() => readFileSync(path, 'utf8'));
  return /^(site|harvester|nodes):|^site\.\w+$/im.test(`${basename(path)}\n${text}`);
}

function sitesIn(folder: string): string[] {
  const paths = namesIn(folder).map((name) => join(folder, name));
  return paths.filter((path) => !/^[_.]/.test(basename(path)) && isFile(join(path, 'site.yaml')));
}

function namesIn(folder: string): string[] {
  return orUndefined(() => readdirSync(folder).sort()) ?? [];
}

/** Reads the YAML text of one file as `parseYaml` does: by the fast reader, or by the full one for other forms and errors. */
function readYaml(source: Source, report: Report): ValueMap | undefined {
  const map = readPlainYaml(source);
  if (map) return map;
  return parseYaml(source, report);
}
