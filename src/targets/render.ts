import type { Report } from '../source/diagnostics/report.ts';
import type { Place } from '../source/origin.ts';
import { LazyFile } from '../tree/lazy-file.ts';
import { Unquotable } from '../values/quoting/unquotable.ts';
import type { Emitted } from './target.ts';
import { builtIn, builtInForPlain } from './templates/built-in.ts';
import { deepFreeze } from './templates/deep-freeze.ts';
import { type OwnTemplate, type OwnTemplates, reportFault } from './templates/own.ts';
import { TemplateFault } from './templates/template-fault.ts';

/** Renders templates, each named by its path below `src/targets` without `.eta`. */
export interface Render {
  /** Renders one with the data that it calls `it`. */
  (template: string, data: object): string;
  /**
   * Gives what makes files that are rendered when they are asked for, each with the data of its subject; undefined where the
   * site has a template of its own. For data that its syntax takes as it is: it is not quoted, and nobody reports it then.
   */
  readonly later?: <T>(template: string, dataOf: (subject: T) => object) => MakeLater<T> | undefined;
}

/** Gives the file of a subject at a path, which is rendered when it is asked for. */
export type MakeLater<T> = (path: string, subject: T) => Emitted;

/**
 * Gives what renders the templates of one site: its own, and the built-in ones where it has none. A fault of the site's
 * own template is reported at its line, and a value that a built-in one cannot write at the site; once for each
 * template, so that all are said. What it gives then is of no use. `hide` takes secrets out of what a template's code has
 * thrown. Throws what is a fault of harvgen itself.
 */
export function rendererOf(own: OwnTemplates, site: Place, report: Report, hide = same): Render {
  const failed = new Set<string>();
  const now = (name: string, data: object): string => {
    if (failed.has(name)) return '';
    const template = own.get(name);
    const text = template ? renderOwn(template, data, report, hide) : renderBuiltIn(name, data, site, report);
    if (text === undefined) failed.add(name);
    return text === undefined ? '' : inOnePiece(text);
  };
  const later = <T>(name: string, dataOf: (subject: T) => object): MakeLater<T> | undefined => {
    if (own.has(name)) return undefined;
    const render = builtInForPlain(name);
    const make = (subject: T) => render(dataOf(subject));
    return (path, subject) => new LazyFile(path, make, subject);
  };
  return Object.assign(now, { later });
}

/**
 * Gives a text that is kept. What is put together of pieces keeps them all until somebody looks into it: five times its
 * length for the tables of many nodes.
 */
function inOnePiece(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : '';
}

function same(text: string): string {
  return text;
}

function renderOwn(
  { render }: OwnTemplate,
  data: object,
  report: Report,
  hide: (text: string) => string,
): string | undefined {
  try {
    // What a template changes would be other for the next one.
    return render?.(deepFreeze(data));
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    const { node } = data as { readonly node?: { readonly name: string } };
    reportFault(error, report, { addition: node ? ` It was rendered for ${node.name}.` : '', hide });
    return undefined;
  }
}

function renderBuiltIn(name: string, data: object, site: Place, report: Report): string | undefined {
  try {
    return builtIn(name)(data);
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    if (!(error.cause instanceof Unquotable)) throw ownFault(name, error);
    report.error({
      code: 'unquotable',
      message: error.cause.message,
      at: site,
      help: 'choose another value',
    });
    return undefined;
  }
}

function ownFault(name: string, { message, at, cause }: TemplateFault): Error {
  const { line, column } = at.source.position(at.start);
  return new Error(`the template ${name}, line ${line}, column ${column}: ${message}`, { cause });
}
