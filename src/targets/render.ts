import type { TemplateFile } from '../inventory/own-files.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { referenceIn } from '../source/marks.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import { Unquotable } from '../values/quoting.ts';
import { nearest } from '../values/text.ts';
import type { Render } from './target.ts';
import { SECRET_WRITTEN, writtenWithoutSecret } from './templates/tags.ts';
import {
  builtIn,
  builtInFiles,
  compileTemplate,
  type Template,
  TemplateFault,
} from './templates/template.ts';

/**
 * Gives what renders the templates of a site, its own before the built-in ones. Faults are reported once for each, at the line
 * of an own one, else at the site; `hide` takes secrets out of what was thrown. Throws what is a fault of harvgen itself.
 */
export function rendererOf(
  own: OwnTemplates,
  site: SourceLocation,
  report: Report,
  hide = (text: string) => text,
): Render {
  const failed = new Set<string>();
  return (name, data) => {
    if (failed.has(name)) return '';
    try {
      // What a template of the site's changes would be other for the next one.
      const text = own.has(name) ? own.get(name)?.(deepFreeze(data)) : builtIn(name)(data);
      if (text !== undefined) return inOnePiece(text);
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error;
      const { node } = data as { readonly node?: { readonly name: string } };
      const addition = node ? ` It was rendered for ${node.name}.` : '';
      if (own.has(name)) reportFault(error, report, { addition, hide });
      else if (error.cause instanceof Unquotable) {
        const { message } = error.cause;
        report.error({ code: 'unquotable', message, at: site, help: 'choose another value' });
      } else {
        const { message, at, cause } = error;
        const { line, column } = at.source.position(at.start);
        throw new Error(`the template ${name}, line ${line}, column ${column}: ${message}`, { cause });
      }
    }
    failed.add(name);
    return '';
  };
}

/** Gives a text in one piece: one made of pieces keeps them all until it is looked into, in five times the room. */
function inOnePiece(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : '';
}

/** Freezes data with all in it. Bytes cannot be frozen: whoever asks for them from now on gets a copy. */
export function deepFreeze<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data) || ArrayBuffer.isView(data))
    return data;
  const entries = Object.entries(data);
  for (const [key, value] of entries) if (value instanceof Uint8Array) giveCopies(data, key, value);
  Object.freeze(data);
  for (const [, value] of entries) deepFreeze(value);
  return data;
}

/** Most templates never look at a file's bytes: they are copied when they are asked for, and not before. */
function giveCopies(data: object, key: string, bytes: Uint8Array): void {
  Object.defineProperty(data, key, { get: () => new Uint8Array(bytes), enumerable: true });
}

/** The templates of a site's own, by the built-in one that each overrides; undefined for one at fault. */
export type OwnTemplates = ReadonlyMap<string, Template | undefined>;

/** Compiles the templates of a site's own. Reports those that override nothing, and those whose text is at fault. */
export function compileOwn(files: readonly TemplateFile[], report: Report): OwnTemplates {
  const own = new Map<string, Template | undefined>();
  if (files.length === 0) return own;
  const known = builtInFiles();
  for (const { path, source } of files) {
    const name = path.replace(/\.eta$/, '');
    if (!known.includes(path)) reportUnknown(path, source, known, report);
    else own.set(name, path === name ? () => source.text : compileOne(name, source, report));
  }
  return own;
}

/** Reports a fault of an own template at its line; `hide` takes secrets out of the words of what it has thrown. */
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
 * Gives what a template of a site's own has written. Throws TemplateFault for what nothing can use: nothing, what iPXE would
 * not run, and references to secrets, but in what people or nginx read. The template's name tells the syntax.
 */
function checked(name: string, text: string, source: Source): string {
  // What is wrong with the whole of it is at the first line of the template.
  const [{ length: end } = ''] = source.text.split(/\r?\n/, 1);
  const fault = (message: string, help: string) =>
    new TemplateFault('template-fault', message, { source, start: 0, end }, help);
  if (text.trim() === '')
    throw fault(
      'This template writes nothing: a file with nothing in it does nothing, and no machine says so.',
      'write what the file should say; without this template, the built-in one is rendered',
    );
  // The magic of an iPXE script: the word, and white space after it.
  if (name.endsWith('.ipxe') && !/^#!ipxe\s/.test(text))
    throw fault(
      'What this template writes does not begin with #!ipxe: the machine would refuse it with "Exec format error".',
      'write #!ipxe as the first line, with nothing before it',
    );
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
