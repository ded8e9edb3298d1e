import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from './usage-error.ts';

const NAME = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

/** `harvgen init`: begins a site in a folder that is new or empty, named as the site will be. Gives the exit code. */
export async function init(folder: string): Promise<number> {
  const path = resolve(folder);
  const name = basename(path);
  if (!NAME.test(name)) {
    throw new UsageError(
      `a site is called as its folder, and ${name} is no name: lower-case letters, digits, - and _ inside`,
    );
  }
  try {
    if (existsSync(path) && readdirSync(path).length > 0) {
      process.stderr.write(`harvgen: ${folder} is not empty: a new site needs a folder of its own\n`);
      return 1;
    }
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'site.yaml'), newSite(name, path), { flag: 'wx' });
  } catch (error) {
    process.stderr.write(`harvgen: ${folder} cannot be written: ${(error as NodeJS.ErrnoException).code}\n`);
    return 1;
  }
  process.stdout.write(
    `${join(folder, 'site.yaml')} is made: put your own machines into it, then\n  harvgen check ${folder}\n  harvgen secrets ${folder}\n`,
  );
  return 0;
}

function newSite(name: string, path: string): string {
  const template = readFileSync(new URL('./init/site.yaml', import.meta.url), 'utf8');
  return `${schemaLine(path)}${template.replace('site: @site@\n', `site: ${plainOrQuoted(name)}\n`).replaceAll('@site@', name)}`;
}

/** A name that YAML would take for a number or a word of its own stands in quotes. */
function plainOrQuoted(name: string): string {
  return /^[0-9]|^(true|false|null|yes|no|on|off|y|n)$/.test(name) ? `"${name}"` : name;
}

/** The line by which editors find the schema, where harvgen lies at or above the site and so can be named relatively. */
function schemaLine(path: string): string {
  const schema = fileURLToPath(new URL('../../schema/site.schema.json', import.meta.url));
  const home = dirname(dirname(schema)).replace(/[/\\]node_modules[/\\]harvgen$/, '');
  if (relative(home, path).startsWith('..')) return '';
  return `# yaml-language-server: $schema=${relative(path, schema).replaceAll('\\', '/')}\n`;
}
