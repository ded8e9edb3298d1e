import type { TemplateFile } from '../../inventory/own-files.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { referenceIn } from '../../source/marks.ts';
import type { Source } from '../../source/source.ts';
import { nearest } from '../../values/text.ts';
import { TemplateFault } from './faults.ts';
import { builtInFiles, compileTemplate, type Template } from './template.ts';
import { SECRET_WRITTEN, writtenWithoutSecret } from './writing.ts';

/**
 * The templates of a site's own, by the name of the built-in one that each overrides; undefined for one whose text is at fault,
 * which has been reported.
 */
export type OwnTemplates = ReadonlyMap<string, Template | undefined>;

/** Compiles the templates of a site's own. Reports those that override nothing, and those whose text is at fault. */
export function compileOwn(files: readonly TemplateFile[], report: Report): OwnTemplates {
  const own = new Map<string, Template | undefined>();
  if (files.length === 0) return own;
  const known = builtInFiles();
  for (const { path, source } of files) {
    if (!known.includes(path)) reportUnknown(path, source, known, report);
    else if (!path.endsWith('.eta')) own.set(path, () => source.text);
    else own.set(path.slice(0, -'.eta'.length), compileOne(path.slice(0, -'.eta'.length), source, report));
  }
  return own;
}

/**
 * Reports a fault of a template of a site's own, at its own line. `addition` says more of it, and `hide` takes secrets out
 * of the words of what it has thrown.
 */
export function reportFault(
  { code, message, at, help }: TemplateFault,
  report: Report,
  { addition = '', hide = (text: string) => text } = {},
): void {
  report.error({ code, message: hide(message) + addition, at, help });
}

function compileOne(name: string, source: Source, report: Report): Template | undefined {
  try {
    const render = compileTemplate(name, source, writtenWithoutSecret);
    return (data) => checked(name, render(data), source);
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    reportFault(error, report);
    return undefined;
  }
}

/**
 * Gives what a template of a site's own has written. Throws TemplateFault for what nothing can use: a file with nothing in it, an
 * iPXE script that iPXE would not take for one, and references to secrets, but in text for people and in what nginx reads
 * to fill them in. Takes the template's name, which tells the syntax.
 */
function checked(name: string, text: string, source: Source): string {
  // What is wrong with the whole of it is at the first line of the template.
  const [{ length: end } = ''] = source.text.split(/\r?\n/, 1);
  if (text.trim() === '') {
    throw new TemplateFault(
      'template-fault',
      'This template writes nothing: a file with nothing in it does nothing, and no machine says so.',
      { source, start: 0, end },
      'write what the file should say; without this template, the built-in one is rendered',
    );
  }
  // The magic of an iPXE script: the word, and white space after it.
  if (name.endsWith('.ipxe') && !/^#!ipxe\s/.test(text)) {
    throw new TemplateFault(
      'template-fault',
      'What this template writes does not begin with #!ipxe: the machine would refuse it with "Exec format error".',
      { source, start: 0, end },
      'write #!ipxe as the first line, with nothing before it',
    );
  }
  const secret = /\.(md|nginx)$/.test(name) ? undefined : referenceIn(text);
  if (secret !== undefined) {
    const start = Math.max(source.text.indexOf(secret), 0);
    const at = { source, start, end: start + (source.text.includes(secret) ? secret.length : 0) };
    throw new TemplateFault('template-secret', `${SECRET_WRITTEN.message}.`, at, SECRET_WRITTEN.help);
  }
  return text;
}

function reportUnknown(path: string, source: Source, all: readonly string[], report: Report): void {
  const meant = nearest(path, all);
  const isTemplate = path.endsWith('.eta');
  const advice = meant ? `did you mean ${meant}? ` : isTemplate ? '' : 'move it out of templates/; ';
  report.error({
    code: 'unknown-template',
    message: isTemplate
      ? `There is no built-in template ${path}: this one would never be rendered.`
      : `${path} does not end in .eta: it is no template, and overrides none.`,
    at: { source, start: 0, end: 0 },
    help: `${advice}the templates are ${all.join(', ')}`,
  });
}
