import type { Source } from '../../source/origin.ts';
import type { HclBody } from '../hcl/value.ts';
import { isShowable } from './variables.ts';

/**
 * What may be a name, and sets it: at the beginning of a line, in a comment, or behind something else. None is tried from
 * its middle on: that would take its length squared.
 */
const SETS = /(?<![\p{ID_Continue}-])([\p{ID_Start}_][\p{ID_Continue}-]*)"?[ \t]*[=:]/gu;

/**
 * Keeps values from being shown in the lines beside a fault, but for those of variables that are known to be no
 * secrets. Where a fault keeps the rest from being read, what follows is of nobody knows what.
 */
export function concealValues(source: Source, { attributes, fault, within }: HclBody): void {
  const { text } = source;
  for (const { name, value } of attributes) if (!isShowable(name)) source.conceal(value.at);
  let concealedTo = 0;
  for (const match of text.matchAll(SETS)) {
    if (match.index < concealedTo || isShowable(match[1] ?? '')) continue;
    const start = match.index + match[0].length;
    const endOfLine = text.indexOf('\n', start);
    concealedTo = endOfLine < 0 ? text.length : endOfLine;
    source.conceal({ start, end: concealedTo });
  }
  if (!fault) return;
  if (fault.isStray) source.conceal({ start: fault.at.start, end: text.length });
  if (within && !isShowable(within.name)) source.conceal({ start: within.start, end: text.length });
}
