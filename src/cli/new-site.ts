import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileOfPackage } from '../values/package.ts';
import { UsageError } from './read-arguments.ts';

const NAME = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

/** Says whether a site can be called so. */
export function isSiteName(name: string): boolean {
  return NAME.test(name);
}

/** Gives what a site in a folder is called. Throws UsageError where it cannot be called so. */
export function siteNameOfFolder(folder: string): string {
  const name = basename(resolve(folder));
  if (isSiteName(name)) return name;
  throw new UsageError(
    `a site is called as its folder, and ${name} is no name: lower-case letters, digits, - and _ inside`,
  );
}

/** Says why a new site cannot begin in a folder; undefined where it is not there, or empty. */
export function whyNoNewSite(folder: string): string | undefined {
  const path = resolve(folder);
  try {
    if (!existsSync(path) || readdirSync(path).length === 0) return undefined;
    return `${folder} is not empty: a new site needs a folder of its own`;
  } catch (error) {
    return whyNotWritten(folder, error);
  }
}

/** Writes the site.yaml of a new site into a folder that is not there, or empty; says why it could not. */
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

/** A name that YAML would take for a number or a word of its own stands in quotes. */
export function plainOrQuoted(name: string): string {
  return /^[0-9]|^(true|false|null|yes|no|on|off|y|n)$/.test(name) ? `"${name}"` : name;
}

/** The line by which editors find the schema, where harvgen lies at or above the site and so can be named relatively. */
export function schemaLine(folder: string): string {
  const path = resolve(folder);
  const schema = fileURLToPath(fileOfPackage('schema/site.schema.json'));
  const home = dirname(dirname(schema)).replace(/[/\\]node_modules[/\\]harvgen$/, '');
  if (relative(home, path).startsWith('..')) return '';
  return `# yaml-language-server: $schema=${relative(path, schema).replaceAll('\\', '/')}\n`;
}

interface NewSite {
  readonly folder: string;
  readonly text: string;
}

/** Writes several new sites; where one cannot be written, those before it are taken back. Says why then. */
export function writeNewSites(sites: readonly NewSite[]): string | undefined {
  const undo: (() => void)[] = [];
  for (const { folder, text } of sites) {
    const made = missingFolders(resolve(folder));
    const why = writeNewSite(folder, text);
    undo.unshift(() => takeBack(folder, made, why === undefined));
    if (why === undefined) continue;
    for (const step of undo) step();
    return why;
  }
  return undefined;
}

/** The folders that have to be made for one, from the inside out. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) || dirname(folder) === folder ? [] : [folder, ...missingFolders(dirname(folder))];
}

function takeBack(folder: string, made: readonly string[], isWritten: boolean): void {
  if (isWritten) rmSync(join(resolve(folder), 'site.yaml'), { force: true });
  for (const path of made) {
    try {
      rmdirSync(path);
    } catch {
      return; // somebody has put something there, or it was never made
    }
  }
}
