import type { TemplateFile } from '../../inventory/own-templates.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';
import { nearest } from '../../values/nearest.ts';
import { builtInNames } from './built-in.ts';
import { checkOutput } from './check-output.ts';
import { writtenWithoutSecret } from './secret-written.ts';
import { compileTemplate, type Template } from './template.ts';
import { TemplateFault } from './template-fault.ts';

/** A template of a site's own, instead of the built-in one of its name. */
export interface OwnTemplate {
  /** Undefined where its text is at fault, which has been reported. */
  readonly render?: Template;
}

/** The templates of a site's own, by the name of the built-in one that each overrides. */
export type OwnTemplates = ReadonlyMap<string, OwnTemplate>;

/** Compiles the templates of a site's own. Reports those that override nothing, and those whose text is at fault. */
export function compileOwn(files: readonly TemplateFile[], report: Report): OwnTemplates {
  const own = new Map<string, OwnTemplate>();
  if (files.length === 0) return own;
  const known = builtInNames();
  for (const { path, source } of files) {
    const name = path.replace(/\.eta$/, '');
    if (path.endsWith('.eta') && known.includes(name)) own.set(name, compileOne(name, source, report));
    else reportUnknown(path, source, known, report);
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

function compileOne(name: string, source: Source, report: Report): OwnTemplate {
  try {
    const render = compileTemplate(name, source, writtenWithoutSecret);
    return {
      render: (data) => {
        const text = render(data);
        checkOutput(name, text, source);
        return text;
      },
    };
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    reportFault(error, report);
    return {};
  }
}

function reportUnknown(path: string, source: Source, known: readonly string[], report: Report): void {
  const all = known.map((name) => `${name}.eta`);
  const meant = nearest(path, all);
  const isTemplate = path.endsWith('.eta');
  report.error({
    code: 'unknown-template',
    message: isTemplate
      ? `There is no built-in template ${path}: this one would never be rendered.`
      : `${path} does not end in .eta: it is no template, and overrides none.`,
    at: { source, start: 0, end: 0 },
    help: [
      ...(meant ? [`did you mean ${meant}?`] : isTemplate ? [] : ['move it out of templates/;']),
      `the templates are ${all.join(', ')}`,
    ].join(' '),
  });
}
