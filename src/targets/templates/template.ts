import { compileFunction } from 'node:vm';
import type { Source } from '../../source/origin.ts';
import { type TemplateCode, toCode, type Writer } from './code.ts';
import { PROGRAM, runFault, syntaxFault } from './faults.ts';
import { quotingOf } from './quoting.ts';
import { written } from './written.ts';

/** Renders data, which the template calls `it`. Throws TemplateFault. */
export type Template = (data: object) => string;

/**
 * Compiles a template, whose name tells the syntax that it quotes for; `asText` makes a text of what a tag writes. Throws
 * TemplateFault where its text is at fault; what it gives does so where it cannot render its data.
 */
export function compileTemplate(name: string, source: Source, asText: Writer = written): Template {
  const quote = quotingOf(name);
  const code = toCode(source, (value) => quote(asText(value)), asText);
  const run = compileProgram(code);
  return (data) => {
    try {
      return run.call(code.self, data, {});
    } catch (error) {
      throw runFault(error, code);
    }
  };
}

function compileProgram(code: TemplateCode): (this: unknown, it: object, options: object) => string {
  try {
    return compileFunction(code.program, ['it', 'options'], { filename: PROGRAM }) as () => string;
  } catch (error) {
    throw syntaxFault(error, code);
  }
}
