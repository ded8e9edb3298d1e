import { isPair, isScalar, isSeq, type Pair, type Scalar, visit, type YAMLMap } from 'yaml';
import { documentsOf } from '../inventory/yaml-syntax.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Path } from '../source/leaf.ts';
import { Source } from '../source/source.ts';
import { keyText } from '../source/text-edit/yaml-text.ts';

/** The key or value at a position of a text, which may be incomplete. */
export interface Cursor {
  readonly role: 'key' | 'value';
  /** The path of the map of a key, or of a value. */
  readonly path: Path;
  /** The text before the position, and the span of the whole word. */
  readonly typed: string;
  readonly start: number;
  readonly end: number;
  /** The other keys of the map, and the other texts of the innermost list. */
  readonly present: readonly string[];
  readonly entries: readonly string[];
  readonly isFlow: boolean;
  /** The quotes around the word. */
  readonly quotes: Scalar.QUOTE_DOUBLE | Scalar.QUOTE_SINGLE | undefined;
  /** Whether a colon follows the key. */
  readonly hasColon: boolean;
}

/** A word that no text contains, in the place of the position. */
const MARK = 'harvgenCursorHere';

/** A line that is a word alone: a key without its colon, or an entry of a list. */
const WORD_BEFORE = /^\s*(?:- +)*[^\s:#'"{}[\],&*!|>%@`]*$/;
const WORD_AFTER = /^([^\s:#'"{}[\],]*)\s*(?:#.*)?$/;

/**
 * Returns the key or value at an offset of a text; undefined in a comment, a block of text, or without YAML there. Reads only the lines
 * that determine the path, and tolerates errors in the others.
 */
export function cursorAt(text: string, offset: number): Cursor | undefined {
  const near = linesAround(text, offset);
  const [, rest] = (WORD_BEFORE.test(near.lineBefore) && WORD_AFTER.exec(near.lineAfter)) || [];
  const after = rest === undefined ? near.lineAfter : `${rest}:${near.lineAfter.slice(rest.length)}`;
  const whole = `${near.above}${near.lineBefore}${MARK}${after}\n${near.below}`;
  const [document] = documentsOf(new Source('', whole), new Report()) ?? [];
  let found: Cursor | undefined;
  visit(document ?? null, {
    Scalar(at, node, above) {
      if (!String(node.source ?? node.value).includes(MARK)) return undefined;
      found = cursorOf(at, node, above as readonly object[]);
      return visit.BREAK;
    },
  });
  return found;

  function cursorOf(at: unknown, node: Scalar, above: readonly object[]): Cursor | undefined {
    if (node.type !== 'PLAIN' && node.type !== 'QUOTE_DOUBLE' && node.type !== 'QUOTE_SINGLE')
      return undefined;
    const quotes = node.type === 'PLAIN' ? undefined : node.type;
    const mark = near.above.length + near.lineBefore.length;
    const start = (node.range?.[0] ?? 0) + (quotes ? 1 : 0);
    const typed = whole.slice(start, mark);
    if (typed.includes('\n')) return undefined;
    const [inner = ''] = (quotes ? /^[^'"\n]*/ : /^[^\s:#,{}[\]]*/).exec(near.lineAfter) ?? [];
    const isKey = at === 'key';
    const map = isKey ? (above.at(-2) as YAMLMap) : undefined;
    const holder = above.findLast((ancestor) => !isPair(ancestor)) as { flow?: boolean } | undefined;
    return {
      role: isKey ? 'key' : 'value',
      path: yamlPath(isKey ? above.slice(0, -1) : above, node),
      typed,
      start: offset - typed.length,
      end: offset + inner.length,
      present: (map?.items ?? []).flatMap(({ key }) => {
        const name = isScalar(key) && key !== node ? keyText(key as Scalar.Parsed) : undefined;
        return name ?? [];
      }),
      entries: (above.findLast((ancestor) => isSeq(ancestor))?.items ?? []).flatMap((entry) =>
        isScalar(entry) && entry !== node ? String(entry.value) : [],
      ),
      isFlow: holder?.flow === true,
      quotes,
      hasColon: /^['"]?\s*:(?=\s|$)/.test(near.lineAfter.slice(inner.length)),
    };
  }
}

/** Returns the path of a node below its ancestors, the outermost first; for a key with its pair, the path of its value. */
export function yamlPath(ancestors: readonly object[], node: object): Path {
  return ancestors.flatMap((ancestor, index) => {
    const next = ancestors[index + 1] ?? node;
    if (isPair(ancestor)) return keyText((ancestor as Pair<Scalar.Parsed>).key) ?? [];
    return isSeq(ancestor) ? ancestor.items.indexOf(next) : [];
  });
}

/** A larger piece of text is reduced to the entry with the position, and the keys beside it. */
const MOST_LINES = 30;

/** Returns the line of an offset, before and after it, and the lines above and below that determine its path. */
function linesAround(text: string, offset: number) {
  const lines = text.split('\n');
  const before = text.slice(0, offset).split('\n');
  const current = before.length - 1;
  const column = before[current]?.length ?? 0;
  const line = lines[current] ?? '';
  const indentOf = (index: number) => {
    const [blank = ''] = /^ */.exec(lines[index] ?? '') ?? [];
    if (/^\s*(?:#.*)?$/.test(lines[index] ?? ''))
      return index === current ? column : Number.POSITIVE_INFINITY;
    return blank.length;
  };
  const above: string[] = [];
  const below: string[] = [];
  let [from, to] = [0, lines.length];
  while (to - from > MOST_LINES) {
    const indents = Array.from({ length: to - from }, (_, index) => indentOf(from + index));
    const least = indents.reduce((indent, other) => Math.min(indent, other), Number.POSITIVE_INFINITY);
    const entries = indents.flatMap((indent, index) => (indent === least ? [from + index] : []));
    const entry = entries.findLast((index) => index <= current);
    if (entry === undefined) break;
    const next = entries.find((index) => index > entry) ?? to;
    above.push(...keysOf(entries.filter((index) => index < entry)));
    below.unshift(...keysOf(entries.filter((index) => index >= next)));
    [from, to] = [entry, next];
    if (entry === current) break;
    above.push(lines[entry] ?? '');
    from += 1;
  }
  above.push(...lines.slice(from, current));
  below.unshift(...lines.slice(current + 1, to));
  return {
    above: above.map((line) => `${line}\n`).join(''),
    lineBefore: line.slice(0, column),
    lineAfter: line.slice(column).replace(/\r$/, ''),
    below: below.join('\n'),
  };

  /** Returns the keys of lines without their values. */
  function keysOf(indices: readonly number[]): string[] {
    return indices.flatMap(
      (index) => /^ *[^\s#'"{}[\]&*!|>%@`:-][^\s:]*:(?=\s|$)/.exec(lines[index] ?? '')?.[0] ?? [],
    );
  }
}
