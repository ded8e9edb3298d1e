// Puts the built-in templates into dist/ as functions, so that no command compiles them as it starts.
import { writeFileSync } from 'node:fs';

const folder = new URL('../dist/targets/templates/', import.meta.url);
const { builtInNames, builtInSource } = await import(new URL('built-in.js', folder).href);
const { toCode } = await import(new URL('code.js', folder).href);

const functions = builtInNames().map((name) => `${JSON.stringify(name)}: ${functionOf(name)}`);
writeFileSync(
  new URL('built-in-programs.js', folder),
  `export const PROGRAMS = {\n${functions.join(',\n')}\n};\n`,
);

/** What Eta keeps in an object of its own are a variable and two arguments here. */
function functionOf(name) {
  const { source, body } = toCode(builtInSource(name), String, String);
  if (source.text.includes('__')) throw new Error(`${source.file}: names with __ are for its program`);
  const statements = body
    .replaceAll('__eta.res+=', '__text += ')
    .replaceAll('__eta.e(', '__quoted(')
    .replaceAll('__eta.f(', '__raw(');
  return `(it, __quoted, __raw) => {\nlet __text = '';\n${statements}return __text;\n}`;
}
