// Writes the built-in templates into dist/ as functions, so that no command compiles them when it runs. Scripts without tags are texts.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const sources = new URL('../src/targets/', import.meta.url);
const folder = new URL('../dist/targets/templates/', import.meta.url);
const { toCode } = await import(new URL('tags.js', folder).href);

const programs = readdirSync(sources, { recursive: true })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.(eta|sh)$/.test(path))
  .sort()
  .map((path) => {
    const text = readFileSync(new URL(path, sources), 'utf8');
    return `${JSON.stringify(path.replace(/\.eta$/, ''))}: ${path.endsWith('.eta') ? programOf(text) : JSON.stringify(text)}`;
  });
writeFileSync(new URL('programs.js', folder), `export const PROGRAMS = {\n${programs.join(',\n')}\n};\n`);

/** Returns the statements of the tags and of the text, as a function: the whole program also has functions for layouts and includes. */
function programOf(text) {
  // Without a tag of code between them, texts and values are one sum.
  const statements = toCode(text, String, String).body.replaceAll(';\n__eta.res+=', '\n+');
  return `(it, __eta) => {\n${statements}\nreturn __eta.res;\n}`;
}
