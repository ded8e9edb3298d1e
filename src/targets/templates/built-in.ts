import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Source } from '../../source/origin.ts';
import { fileBesideCode } from '../../values/package-files.ts';
import { PROGRAMS, type Program } from './built-in-programs.ts';
import { quotingOf } from './quoting.ts';
import { compileTemplate, type Template } from './template.ts';
import { written } from './written.ts';

/** Where the built-in templates lie: beside the targets that render them. */
const FOLDER = fileBesideCode('targets/');

const ready = new Map<string, Template>();

/** Gives a built-in template by its path below `src/targets`, without `.eta`. Each is made ready once for all. */
export function builtIn(name: string): Template {
  let template = ready.get(name);
  if (!template) {
    const program = PROGRAMS[name];
    template = program ? templateOf(name, program) : compileBuiltIn(name);
    ready.set(name, template);
  }
  return template;
}

/** Gives the same for data of which the syntax takes all as it is, so that nothing needs to be looked at to be quoted. */
export function builtInForPlain(name: string): Template {
  const program = PROGRAMS[name];
  return program ? (data) => program(data, written, written) : builtIn(name);
}

/** Gives the text of a built-in template. */
export function builtInSource(name: string): Source {
  return new Source(`${name}.eta`, readFileSync(new URL(`${name}.eta`, FOLDER), 'utf8'));
}

/** Gives a built-in template that is compiled from its text. */
export function compileBuiltIn(name: string): Template {
  return compileTemplate(name, builtInSource(name));
}

/** Gives the names of all built-in templates, sorted. */
export function builtInNames(): string[] {
  return readdirSync(fileURLToPath(FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.eta'))
    .map((path) => path.replaceAll('\\', '/').slice(0, -'.eta'.length))
    .sort();
}

/** Makes a template of what the build has made of its text. */
function templateOf(name: string, program: Program): Template {
  const quote = quotingOf(name);
  const quoted = (value: unknown) => quote(written(value));
  return (data) => {
    try {
      return program(data, quoted, written);
    } catch {
      // The same fails again where it is compiled from its text, which knows the place of the fault.
      return compileBuiltIn(name)(data);
    }
  };
}
