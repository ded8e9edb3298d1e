import { referenceIn } from '../../source/marks.ts';
import type { Source } from '../../source/origin.ts';
import { SECRET_WRITTEN } from './secret-written.ts';
import { TemplateFault } from './template-fault.ts';

/**
 * Throws TemplateFault for what a template of a site's own has written and nothing can use: a file with nothing in it, an
 * iPXE script that iPXE would not take for one, and references to secrets, but in text for people and in what nginx reads
 * to fill them in. Takes the template's name, which tells the syntax.
 */
export function checkOutput(name: string, text: string, source: Source): void {
  if (text.trim() === '') {
    throw fault(
      'This template writes nothing: a file with nothing in it does nothing, and no machine says so.',
      'write what the file should say; without this template, the built-in one is rendered',
      source,
    );
  }
  // The magic of an iPXE script: the word, and white space after it.
  if (name.endsWith('.ipxe') && !/^#!ipxe\s/.test(text)) {
    throw fault(
      'What this template writes does not begin with #!ipxe: the machine would refuse it with "Exec format error".',
      'write #!ipxe as the first line, with nothing before it',
      source,
    );
  }
  const secret = /\.(md|nginx)$/.test(name) ? undefined : referenceIn(text);
  if (secret !== undefined) {
    const start = Math.max(source.text.indexOf(secret), 0);
    const at = { source, start, end: start + (source.text.includes(secret) ? secret.length : 0) };
    throw new TemplateFault('template-secret', `${SECRET_WRITTEN.message}.`, at, SECRET_WRITTEN.help);
  }
}

/** A fault of the whole of what is written: at the first line of the template. */
function fault(message: string, help: string, source: Source): TemplateFault {
  const [first = ''] = source.text.split(/\r?\n/, 1);
  return new TemplateFault('template-fault', message, { source, start: 0, end: first.length }, help);
}
