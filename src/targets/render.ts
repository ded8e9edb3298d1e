import type { TemplateFile } from '../inventory/own-files.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { referenceIn } from '../source/placeholders.ts';
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
  TemplateError,
} from './templates/template.ts';

/**
 * Returns the renderer of a site, whose templates override the built-in ones. Reports one error per template, at the line of a
 * site template, else at the site; `hide` removes secrets from its message. Throws other errors of built-in templates.
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
      // Frozen, so that a site template cannot change the data of the next one.
      const text = own.has(name) ? own.get(name)?.(deepFreeze(data)) : builtIn(name)(data);
      if (text !== undefined) return flattened(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const { node } = data as { readonly node?: { readonly name: string } };
      const addition = node ? ` It was rendered for ${node.name}.` : '';
      if (own.has(name)) reportTemplateError(error, report, { addition, hide });
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

/** Returns the text as one string: a concatenated string keeps all its parts, in five times the memory, until it is read. */
function flattened(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : '';
}

/** Freezes data deeply. Bytes cannot be frozen: reading them returns a copy from then on. */
export function deepFreeze<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data) || ArrayBuffer.isView(data))
    return data;
  const entries = Object.entries(data);
  for (const [key, value] of entries) if (value instanceof Uint8Array) copyOnRead(data, key, value);
  Object.freeze(data);
  for (const [, value] of entries) deepFreeze(value);
  return data;
}

/** Copies bytes when they are read, because most templates never read the bytes of files. */
function copyOnRead(data: object, key: string, bytes: Uint8Array): void {
  Object.defineProperty(data, key, { get: () => new Uint8Array(bytes), enumerable: true });
}

/** The site templates by the name of the built-in template that each overrides; undefined for one with an error. */
export type OwnTemplates = ReadonlyMap<string, Template | undefined>;

/**
 * Compiles the site templates. Reports those that override nothing and those with errors. With `runs` false, omits templates
 * that are programs, with a warning each: the built-in ones apply.
 */
export function compileOwn(files: readonly TemplateFile[], report: Report, runs = true): OwnTemplates {
  const own = new Map<string, Template | undefined>();
  if (files.length === 0) return own;
  const known = builtInFiles();
  for (const { path, source } of files) {
    const name = path.replace(/\.eta$/, '');
    if (!known.includes(path)) reportUnknown(path, source, known, report);
    else if (path === name) own.set(name, () => source.text);
    else {
      const template = compileOne(name, source, report);
      if (runs) own.set(name, template);
      else if (template) reportNotRun(path, source, report);
    }
  }
  return own;
}

/** Reports an error of a site template at its line; `hide` removes secrets from the message. */
export function reportTemplateError(
  { code, message, at, help }: TemplateError,
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
    if (!(error instanceof TemplateError)) throw error;
    reportTemplateError(error, report);
    return undefined;
  }
}

/**
 * Returns the output of a site template. Throws TemplateError if it is empty, an iPXE script without `#!ipxe`, or contains
 * references to secrets in a file other than a README or the configuration of nginx. The name of the template sets the format.
 */
function checked(name: string, text: string, source: Source): string {
  // An error of the whole output is located at the first line of the template.
  const [{ length: end } = ''] = source.text.split(/\r?\n/, 1);
  const errorOfAll = (message: string, help: string) =>
    new TemplateError('template-fault', message, { source, start: 0, end }, help);
  if (text.trim() === '')
    throw errorOfAll(
      'This template writes an empty file: the file would have no effect, and no machine would report it.',
      'write the content of the file; or remove this template to use the built-in one',
    );
  // The signature of an iPXE script is this word, followed by white space.
  if (name.endsWith('.ipxe') && !/^#!ipxe\s/.test(text))
    throw errorOfAll(
      'The output of this template does not begin with #!ipxe: iPXE would reject it with "Exec format error".',
      'write #!ipxe as the first line, with nothing before it',
    );
  const secret = /\.(md|nginx)$/.test(name) ? undefined : referenceIn(text);
  if (secret !== undefined) {
    const start = Math.max(source.text.indexOf(secret), 0);
    const at = { source, start, end: start + (source.text.includes(secret) ? secret.length : 0) };
    throw new TemplateError('template-secret', `${SECRET_WRITTEN.message}.`, at, SECRET_WRITTEN.help);
  }
  return text;
}

function reportNotRun(path: string, source: Source, report: Report): void {
  report.warning({
    code: 'template-not-run',
    message: `${path} was not run: the built-in template generates its files instead.`,
    at: { source, start: 0, end: 0 },
    help: 'review this template, then omit --no-templates',
  });
}

function reportUnknown(path: string, source: Source, all: readonly string[], report: Report): void {
  const meant = nearest(path, all);
  const isTemplate = path.endsWith('.eta');
  const advice = meant ? `did you mean ${meant}? ` : isTemplate ? '' : 'move it out of templates/; ';
  report.error({
    code: 'unknown-template',
    message: isTemplate
      ? `There is no built-in template ${path}: this one would never be rendered.`
      : `${path} does not end in .eta: it is not a template and overrides nothing.`,
    at: { source, start: 0, end: 0 },
    help: `${advice}the templates are ${all.join(', ')}`,
  });
}
