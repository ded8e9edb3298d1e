import type { Report } from '../source/diagnostics/report.ts';
import type { Place } from '../source/source.ts';
import { Unquotable } from '../values/quoting.ts';
import type { Render } from './target.ts';
import { TemplateFault } from './templates/faults.ts';
import { type OwnTemplates, reportFault } from './templates/own.ts';
import { builtIn } from './templates/template.ts';

/**
 * Gives what renders the templates of one site: its own, and the built-in ones where it has none. A fault of the site's
 * own template is reported at its line, and a value that a built-in one cannot write at the site; once for each
 * template, so that all are said. What it gives then is of no use. `hide` takes secrets out of what a template's code has
 * thrown. Throws what is a fault of harvgen itself.
 */
export function rendererOf(
  own: OwnTemplates,
  site: Place,
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

/**
 * Gives a text that is kept. What is put together of pieces keeps them all until somebody looks into it: five times its
 * length for the tables of many nodes.
 */
function inOnePiece(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : '';
}

/**
 * Freezes data with everything in it, and gives it back. What is frozen already is not looked into again. Bytes cannot
 * be frozen: whoever asks for them from now on gets a copy.
 */
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
