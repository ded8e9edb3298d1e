import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Source } from '../origin.ts';
import { compileTemplate, type Template } from './template.ts';

/** Where the built-in templates lie: beside the targets that render them. */
const FOLDER = new URL('../targets/', import.meta.url);

const compiled = new Map<string, Template>();

/** Gives a built-in template by its path below `src/targets`, without `.eta`. Each is compiled once for all. */
export function builtIn(name: string): Template {
  let template = compiled.get(name);
  if (!template) {
    const text = readFileSync(new URL(`${name}.eta`, FOLDER), 'utf8');
    template = compileTemplate(name, new Source(`${name}.eta`, text));
    compiled.set(name, template);
  }
  return template;
}

/** Gives the names of all built-in templates, sorted. */
export function builtInNames(): string[] {
  return readdirSync(fileURLToPath(FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.eta'))
    .map((path) => path.replaceAll('\\', '/').slice(0, -'.eta'.length))
    .sort();
}
