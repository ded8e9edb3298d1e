import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { Source } from '../../source/source.ts';
import { fileBesideCode } from '../../values/package.ts';
import { toCode, type Writer } from './code.ts';
import { ARGUMENTS, PROGRAM, parseFault, runFault, syntaxFault } from './faults.ts';
import { quotingOf, written } from './writing.ts';

/** Renders data, which the template calls `it`. Throws TemplateFault. */
export type Template = (data: object) => string;

/**
 * Compiles a template, whose name tells the syntax that it quotes for; `asText` makes a text of what a tag writes. Throws
 * TemplateFault where its text is at fault; what it gives does so where it cannot render its data.
 */
export function compileTemplate(name: string, source: Source, asText: Writer = written): Template {
  const quote = quotingOf(name);
  const code = orFault(
    () => toCode(source.text, asText, quote),
    (error) => parseFault(error, source),
  );
  const run = orFault(
    () => compileFunction(code.program, ARGUMENTS, { filename: PROGRAM }),
    (error) => syntaxFault(error, code, source),
  );
  return (data) =>
    orFault(
      () => run.call(code.self, data, {}) as string,
      (error) => runFault(error, code, source),
    );
}

function orFault<T>(make: () => T, faultOf: (error: unknown) => unknown): T {
  try {
    return make();
  } catch (error) {
    throw faultOf(error);
  }
}

/** Where the built-in templates lie: beside the targets that render them. */
const FOLDER = fileBesideCode('targets/');

const compiled = new Map<string, Template>();

/** Gives a built-in template by its path below `src/targets`, without `.eta`. Each is compiled once, when it is first used. */
export function builtIn(name: string): Template {
  let template = compiled.get(name);
  if (!template) {
    template = compileTemplate(name, builtInSource(name));
    compiled.set(name, template);
  }
  return template;
}

/** Returns the text of a built-in template: of `<name>.eta`, or of a script that is there without it. */
export function builtInSource(name: string): Source {
  const file = existsSync(new URL(name, FOLDER)) ? name : `${name}.eta`;
  return new Source(file, readFileSync(new URL(file, FOLDER), 'utf8'));
}

/** Returns the files of all built-in templates and scripts, sorted: `ipxe/node.ipxe.eta`, `host/common.sh`. */
export function builtInFiles(): string[] {
  return readdirSync(fileURLToPath(FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(eta|sh)$/.test(path))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** Returns the names of the same: a template's is its file without `.eta`. */
export function builtInNames(): string[] {
  return builtInFiles().map((file) => file.replace(/\.eta$/, ''));
}
