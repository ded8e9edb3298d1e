import type { Source } from '../../origin.ts';
import type { HclBody } from '../hcl/value.ts';
import { isShowable } from './variables.ts';

/** What may be a name, and sets it: at the beginning of a line, in a comment, or behind something else. */
const SETS = /([\p{ID_Start}_][\p{ID_Continue}-]*)"?[ \t]*[=:]/gu;

/**
 * Keeps values from being shown in the lines beside a fault, but for those of variables that are known to be no
 * secrets. Where a fault keeps the rest from being read, what follows is of nobody knows what.
 */
export function concealValues(source: Source, { attributes, fault, within }: HclBody): void {
  const { text } = source;
  for (const { name, value } of attributes) if (!isShowable(name)) source.conceal(value.at);
  for (const match of text.matchAll(SETS)) {
    if (isShowable(match[1] ?? '')) continue;
    const start = match.index + match[0].length;
    const end = text.indexOf('\n', start);
    source.conceal({ start, end: end < 0 ? text.length : end });
  }
  if (!fault) return;
  const open = within ?? ofLast(attributes);
  if (open && !isShowable(open.name)) source.conceal({ start: open.start, end: text.length });
}

/** A line that cannot be read may go on with what stands before it. */
function ofLast(attributes: HclBody['attributes']) {
  const last = attributes.at(-1);
  return last && { name: last.name, start: last.value.at.start };
}
