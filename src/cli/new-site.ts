import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileOfPackage } from '../values/package.ts';
import { UserError } from '../values/user-error.ts';
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

/** Throws UserError if a site cannot be created in a directory, because it is neither missing nor empty. */
export function refuseFullFolder(folder: string): void {
  const path = resolve(folder);
  const isFull = writing(folder, () => existsSync(path) && readdirSync(path).length > 0);
  if (isFull) throw new UserError(`${folder} is not empty: create the site in a new directory`);
}

/** Writes the site.yaml of a new site into a missing or empty directory. Throws UserError. */
export function writeNewSite(folder: string, text: string): void {
  refuseFullFolder(folder);
  writing(folder, () => {
    mkdirSync(resolve(folder), { recursive: true });
    writeFileSync(join(resolve(folder), 'site.yaml'), text, { flag: 'wx' });
  });
}

/** Returns the result of `write`, which creates files at a path or looks at it before. Throws UserError if it fails. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new UserError(`${path} cannot be written: ${code}`);
  }
}

/** Quotes a name that YAML would read as a number or keyword. */
export function plainOrQuoted(name: string): string {
  return /^[0-9]|^(true|false|null|yes|no|on|off|y|n)$/.test(name) ? `"${name}"` : name;
}

/**
 * Returns the line by which editors find the schema. The path is relative if harvgen is in, or installed in, a parent directory.
 * Otherwise it is the URL of this harvgen, which may be installed for all directories. Returns nothing for the cache of npx, which is
 * emptied, and for an executable, which contains the schema.
 */
export function schemaLine(folder: string): string {
  const path = resolve(folder);
  const own = fileOfPackage('schema/site.schema.json');
  const above = schemaAbove(path, fileURLToPath(own));
  if (!above && (own.pathname.includes('/_npx/') || !existsSync(own))) return '';
  return `# yaml-language-server: $schema=${above ? relative(path, above).replaceAll('\\', '/') : own.href}\n`;
}

/** Returns the path of the schema in the nearest directory that is the package or has it in node_modules. */
function schemaAbove(folder: string, own: string): string | undefined {
  if (folder === dirname(dirname(own)) && existsSync(own)) return own;
  const installed = join(folder, 'node_modules', 'harvgen', 'schema', 'site.schema.json');
  if (existsSync(installed)) return installed;
  const parent = dirname(folder);
  return parent === folder ? undefined : schemaAbove(parent, own);
}

interface NewSite {
  readonly folder: string;
  readonly text: string;
}

/** Writes several new sites. If one cannot be written, removes those before it, and throws UserError. */
export function writeNewSites(sites: readonly NewSite[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const { folder, text } of sites) {
      const made = missingFolders(resolve(folder));
      undo.unshift(() => removeEmpty(made));
      writeNewSite(folder, text);
      undo.unshift(() => rmSync(join(resolve(folder), 'site.yaml'), { force: true }));
    }
  } catch (error) {
    for (const step of undo) step();
    throw error;
  }
}

/** Returns the directories to create for one, innermost first. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) || dirname(folder) === folder ? [] : [folder, ...missingFolders(dirname(folder))];
}

function removeEmpty(folders: readonly string[]): void {
  for (const path of folders) {
    try {
      rmdirSync(path);
    } catch {
      return; // not empty, or never created
    }
  }
}
