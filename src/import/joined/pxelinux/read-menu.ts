import type { Source } from '../../../source/origin.ts';
import type { Piece } from '../reservations/said.ts';

/** What a line of a menu says: its keyword, in lower case, and the rest of the line. */
export interface Directive {
  readonly keyword: string;
  readonly value: Piece;
  readonly start: number;
  readonly end: number;
}

/** An entry of a menu. */
export interface Entry {
  readonly label: Piece;
  readonly directives: readonly Directive[];
}

/** A menu of pxelinux. */
export interface Menu {
  /** What stands before the first label, or holds for all. */
  readonly globals: readonly Directive[];
  readonly entries: readonly Entry[];
}

/** What a menu has on its own level wherever it stands. */
const GLOBAL: ReadonlySet<string> = new Set([
  'default',
  'ui',
  'ontimeout',
  'onerror',
  'prompt',
  'timeout',
  'totaltimeout',
  'include',
  'serial',
  'display',
  'say',
  'allowoptions',
  'noescape',
]);

/** Menus that are of several levels say more than their entries. */
const MENU_ONLY =
  /^(?:title|begin|end|color|background|width|margin|rows|tabmsg|autoboot|include|hshift|vshift|resolution|master|passwd|clear|separator)\b/i;

/**
 * Reads a menu: keywords in any case, each on its line; what follows a label is that entry's, up to the next; lines that begin
 * with # are comments, and so is what stands between TEXT HELP and ENDTEXT. Source: Syslinux, com32/elflink/ldlinux/readconfig.c.
 */
export function readMenu({ text }: Source): Menu {
  const globals: Directive[] = [];
  const entries: { label: Piece; directives: Directive[] }[] = [];
  let isHelp = false;
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).trimEnd();
    const from = start;
    start = end + 1;
    const [, indent = '', word = '', gap = '', rest = ''] = /^(\s*)([^\s#]\S*)(\s*)(.*)$/.exec(line) ?? [];
    if (word === '') continue;
    const keyword = word.toLowerCase();
    if (isHelp) {
      isHelp = keyword !== 'endtext';
      continue;
    }
    const valueStart = from + indent.length + word.length + gap.length;
    const value = { text: rest, start: valueStart, end: valueStart + rest.length };
    const directive = { keyword, value, start: from + indent.length, end: from + line.length };
    if (keyword === 'text' && /^help\b/i.test(rest)) isHelp = true;
    else if (keyword === 'label') entries.push({ label: value, directives: [] });
    else {
      const entry = entries.at(-1);
      const isGlobal = GLOBAL.has(keyword) || (keyword === 'menu' && MENU_ONLY.test(rest));
      (entry && !isGlobal ? entry.directives : globals).push(directive);
    }
  }
  return { globals, entries };
}
