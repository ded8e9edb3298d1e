// Writes the built-in templates into dist/ as functions, so that no command compiles them when it runs.
import { writeFileSync } from 'node:fs';

const folder = new URL('../dist/targets/templates/', import.meta.url);
const { builtInNames, builtInSource } = await import(new URL('template.js', folder).href);
const { swallowCodeLines, toCode } = await import(new URL('tags.js', folder).href);

const programs = builtInNames().map((name) => {
  const { text } = builtInSource(name);
  // Only the statements of the tags and of the text: the whole program also has functions for layouts and includes.
  const { self } = toCode(text, String, String);
  const statements = self.compileBody(self.parse(swallowCodeLines(text)));
  return `${JSON.stringify(name)}: (it, __eta) => {\n${statements}\nreturn __eta.res;\n}`;
});
writeFileSync(new URL('programs.js', folder), `export const PROGRAMS = {\n${programs.join(',\n')}\n};\n`);
