import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileOfPackage } from '../values/package.ts';
import { UsageError } from './read-arguments.ts';

const NAME = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

/** Whether a site can have this name. */
export function isSiteName(name: string): boolean {
  return NAME.test(name);
}

/** Returns the name of a site in a directory. Throws UsageError if it is not a valid site name. */
export function siteNameOfFolder(folder: string): string {
  const name = basename(resolve(folder));
  if (isSiteName(name)) return name;
  throw new UsageError(
    `a site has the name of its directory, but ${name} is not valid: use lower-case letters and digits, with - and _ inside`,
  );
}

/** Returns why a site cannot be created in a directory; undefined if the directory is missing or empty. */
export function whyNoNewSite(folder: string): string | undefined {
  const path = resolve(folder);
  try {
    if (!existsSync(path) || readdirSync(path).length === 0) return undefined;
    return `${folder} is not empty: create the site in a new directory`;
  } catch (error) {
    return whyNotWritten(folder, error);
  }
}

/** Writes the site.yaml of a new site into a missing or empty directory; returns the error, if any. */
export function writeNewSite(folder: string, text: string): string | undefined {
  const why = whyNoNewSite(folder);
  if (why !== undefined) return why;
  try {
    mkdirSync(resolve(folder), { recursive: true });
    writeFileSync(join(resolve(folder), 'site.yaml'), text, { flag: 'wx' });
    return undefined;
  } catch (error) {
    return whyNotWritten(folder, error);
  }
}

function whyNotWritten(folder: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (!code) throw error;
  return `${folder} cannot be written: ${code}`;
}

/** Quotes a name that YAML would read as a number or keyword. */
export function plainOrQuoted(name: string): string {
  return /^[0-9]|^(true|false|null|yes|no|on|off|y|n)$/.test(name) ? `"${name}"` : name;
}

/** Returns the line by which editors find the schema; empty unless harvgen is in, or installed in, a parent directory. */
export function schemaLine(folder: string): string {
  const path = resolve(folder);
  const schema = schemaAbove(path);
  return schema === undefined
    ? ''
    : `# yaml-language-server: $schema=${relative(path, schema).replaceAll('\\', '/')}\n`;
}

/** Returns the path of the schema in the nearest directory that is the package or has it in node_modules. */
function schemaAbove(folder: string): string | undefined {
  const own = fileURLToPath(fileOfPackage('schema/site.schema.json'));
  if (folder === dirname(dirname(own))) return own;
  const installed = join(folder, 'node_modules', 'harvgen', 'schema', 'site.schema.json');
  if (existsSync(installed)) return installed;
  const parent = dirname(folder);
  return parent === folder ? undefined : schemaAbove(parent);
}

interface NewSite {
  readonly folder: string;
  readonly text: string;
}

/** Writes several new sites. If one cannot be written, removes those before it and returns the error. */
export function writeNewSites(sites: readonly NewSite[]): string | undefined {
  const undo: (() => void)[] = [];
  for (const { folder, text } of sites) {
    const made = missingFolders(resolve(folder));
    const why = writeNewSite(folder, text);
    undo.unshift(() => removeSite(folder, made, why === undefined));
    if (why === undefined) continue;
    for (const step of undo) step();
    return why;
  }
  return undefined;
}

/** Returns the directories to create for one, innermost first. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) || dirname(folder) === folder ? [] : [folder, ...missingFolders(dirname(folder))];
}

function removeSite(folder: string, made: readonly string[], isWritten: boolean): void {
  if (isWritten) rmSync(join(resolve(folder), 'site.yaml'), { force: true });
  for (const path of made) {
    try {
      rmdirSync(path);
    } catch {
      return; // not empty, or never created
    }
  }
}
