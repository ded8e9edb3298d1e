import type { Diagnostic } from '../source/diagnostics/diagnostic.ts';
import { formatCount, formatText } from '../source/diagnostics/text.ts';
import { inColor } from './in-color.ts';

/** Shows diagnostics to a person, on standard error, with a line that counts them. Nothing where there are none. */
export function present(diagnostics: readonly Diagnostic[], consequence = ''): void {
  if (diagnostics.length === 0) return;
  process.stderr.write(formatText(diagnostics, { color: inColor(process.stderr), folder: process.cwd() }));
  process.stderr.write(`\n${formatCount(diagnostics)}${consequence}\n`);
}
