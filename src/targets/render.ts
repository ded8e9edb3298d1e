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

/** The site templates by the name of the built-in template that each overrides; undefined for one with an error. */
export type SiteTemplates = ReadonlyMap<string, Template | undefined>;

/**
 * Returns the renderer of a site, whose templates override the built-in ones. Reports one error per template, at the line of a
 * site template, else at the site; `hide` removes secrets from its message. Throws other errors of built-in templates.
 */
export function rendererOf(
  siteTemplates: SiteTemplates,
  site: SourceLocation,
  report: Report,
  hide = (text: string) => text,
): Render {
  const failed = new Set<string>();
  return (name, data) => {
    if (failed.has(name)) return '';
    const isBuiltIn = !siteTemplates.has(name);
    try {
      // Frozen, so that a site template cannot change the data of the next one.
      const text = isBuiltIn ? builtIn(name)(data) : siteTemplates.get(name)?.(deepFreeze(data));
      // Flattens the text: a concatenated string keeps all its parts, in five times the memory, until it is read.
      if (text !== undefined) return text.charCodeAt(0) >= 0 ? text : '';
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const { code, message, at, help, cause } = error;
      const { node } = data as { readonly node?: { readonly name: string } };
      const addition = node ? ` It was rendered for ${node.name}.` : '';
      if (!isBuiltIn) report.error({ code, message: hide(message) + addition, at, help });
      else if (cause instanceof Unquotable)
        report.error({ code: 'unquotable', message: cause.message, at: site, help: 'choose another value' });
      else {
        const { line, column } = at.source.position(at.start);
        throw new Error(`the template ${name}, line ${line}, column ${column}: ${message}`, { cause });
      }
    }
    failed.add(name);
    return '';
  };
}

/** Freezes data deeply. Bytes cannot be frozen: reading them returns a copy from then on, because most templates never read them. */
export function deepFreeze<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data) || ArrayBuffer.isView(data))
    return data;
  const entries = Object.entries(data);
  for (const [key, value] of entries)
    if (value instanceof Uint8Array)
      Object.defineProperty(data, key, { get: () => new Uint8Array(value), enumerable: true });
  Object.freeze(data);
  for (const [, value] of entries) deepFreeze(value);
  return data;
}

/**
 * Compiles the site templates. Reports those that override nothing and those with errors. With `runs` false, omits templates
 * that are programs, with a warning each: the built-in ones apply.
 */
export function compileOwn(files: readonly TemplateFile[], report: Report, runs = true): SiteTemplates {
  const templates = new Map<string, Template | undefined>();
  if (files.length === 0) return templates;
  const known = builtInFiles();
  for (const { path, source } of files) {
    const name = path.replace(/\.eta$/, '');
    const isProgram = path !== name;
    const at = { source, start: 0, end: 0 };
    if (!known.includes(path)) {
      const meant = nearest(path, known);
      const advice = meant ? `did you mean ${meant}? ` : isProgram ? '' : 'move it out of templates/; ';
      const message = isProgram
        ? `There is no built-in template ${path}: this one would never be rendered.`
        : `${path} does not end in .eta: it is not a template and overrides nothing.`;
      const help = `${advice}the templates are ${known.join(', ')}`;
      report.error({ code: 'unknown-template', message, at, help });
    } else if (!isProgram) templates.set(name, () => source.text);
    else {
      let template: Template | undefined;
      try {
        const render = compileTemplate(name, source, writtenWithoutSecret);
        template = (data) => checked(name, render(data), source);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        const { code, message, at, help } = error;
        report.error({ code, message, at, help });
      }
      if (runs) templates.set(name, template);
      else if (template) {
        const message = `${path} was not run: the built-in template generates its files instead.`;
        const help = 'review this template, then omit --no-templates';
        report.warning({ code: 'template-not-run', message, at, help });
      }
    }
  }
  return templates;
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
  if (secret === undefined) return text;
  const found = source.text.indexOf(secret);
  const at = { source, start: Math.max(found, 0), end: found < 0 ? 0 : found + secret.length };
  throw new TemplateError('template-secret', `${SECRET_WRITTEN.message}.`, at, SECRET_WRITTEN.help);
}
