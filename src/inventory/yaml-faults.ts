import type { CST } from 'yaml';
import { listed } from '../source/diagnostics/words.ts';

/** A typo in YAML's syntax, where it is: the parser may fail lines below. */
export interface YamlFault {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly help: string;
  /** Whether it is an odd blank, which is an error wherever it is. */
  readonly isBlank?: true;
  /**
   * The correction if nothing else can be meant: a replacement of a span; quotes around the rest of the line; or a comma after the
   * text before.
   */
  readonly splice?:
    | { readonly start: number; readonly end: number; readonly text: string }
    | 'quotes'
    | 'comma'
    | undefined;
}

/** Blanks of Unicode, which YAML reads as letters, by their codes, and their names there. */
const ODD_BLANKS = new Map(
  `00a0 no-break space, 1680 Ogham space mark, 2000 en quad, 2001 em quad, 2002 en space, 2003 em space,
  2004 three-per-em space, 2005 four-per-em space, 2006 six-per-em space, 2007 figure space,
  2008 punctuation space, 2009 thin space, 200a hair space, 200b zero width space,
  202f narrow no-break space, 205f medium mathematical space, 3000 ideographic space`
    .split(/,\s+/)
    .map((entry) => [String.fromCharCode(Number.parseInt(entry, 16)), entry.slice(5)]),
);

const ODD = new RegExp(`[${[...ODD_BLANKS.keys()].join('')}]+`, 'g');

/**
 * Returns the first typo in a text that is not YAML, in the order of its tokens; for an odd blank, all of them. Returns an
 * empty list if the error is not one of the usual typos.
 */
export function firstFaults(tokens: readonly CST.Token[]): YamlFault[] {
  const faults = tokens.flatMap((token) => (token.type === 'document' ? [...faultsOf(token.value, [])] : []));
  return faults[0]?.isBlank ? faults.filter(({ isBlank }) => isBlank) : faults.slice(0, 1);
}

/**
 * Yields the errors for odd blanks in a text at an offset where a blank has a meaning. That is at an edge of the text, after a
 * colon or hyphen, and before a comment. Adjacent ones are one error.
 */
export function* oddBlanks(text: string, offset: number): Iterable<YamlFault> {
  for (const { 0: blanks, index } of text.matchAll(ODD)) {
    const after = index + blanks.length;
    const [before, next] = [text.charAt(index - 1), text.charAt(after)];
    if (before && next && !/[:-]/.test(before) && next !== '#') continue;
    const names = [...new Set(blanks)].map((blank) => {
      const code = blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
      return `U+${code} (${ODD_BLANKS.get(blank)})`;
    });
    yield {
      isBlank: true,
      start: offset + index,
      end: offset + after,
      message: `This is ${listed(names)}, not a blank: YAML reads it as a letter.`,
      help: /^\u200b+$/.test(blanks) ? 'remove it' : 'replace it with a blank',
      splice: {
        start: offset + index,
        end: offset + after,
        text: ' '.repeat(blanks.replaceAll('\u200b', '').length),
      },
    };
  }
}

/** Yields the typos in a token; `columns` are those of the maps around it, `beside` is the key on the line of a value. */
function* faultsOf(
  token: CST.Token | null | undefined,
  columns: readonly number[],
  beside?: CST.Token | null,
): Iterable<YamlFault> {
  if (token?.type === 'double-quoted-scalar' || token?.type === 'single-quoted-scalar')
    yield* inQuotes(token);
  else if (token?.type === 'flow-collection') yield* inFlow(token, columns);
  else if (token?.type === 'block-map') yield* inMap(token, columns, beside);
  else if (token?.type === 'block-seq') yield* inList(token, columns);
}

const UNCLOSED_QUOTE = 'This is not YAML: the quote that opens here is not closed.';
const UNCLOSED_BRACKET = 'This is not YAML: the bracket that opens here is not closed.';

/** A quote also has no end of its own if the text ends with the beginning of the next quoted value: `key: "`. */
function* inQuotes({ offset, source }: CST.FlowScalar): Iterable<YamlFault> {
  const isClosed = source.length > 1 && source.endsWith(source.charAt(0));
  if (isClosed && !/\n(?:[^\n]*[:,[{]|[ \t]*(?:-[ \t]+)*-)[ \t]*["']$/.test(source)) return;
  if (PEM.test(source)) yield notIndented(offset, offset + 1);
  yield { start: offset, end: offset + 1, message: UNCLOSED_QUOTE, help: 'close it at the end of the value' };
}

function* inMap(
  map: CST.BlockMap,
  columns: readonly number[],
  beside: CST.Token | null | undefined,
): Iterable<YamlFault> {
  const around = [...columns, map.indent];
  for (const [index, { explicitKey, key, sep = [], value }] of map.items.entries()) {
    const above = map.items[index - 1]?.value;
    if (index > 0 && key && (key.type === 'block-seq' || (key.type === 'error' && key.source === '-')))
      yield amongKeys(map, index, key.offset, key.type === 'block-seq' ? key.items[0]?.value : value);
    if (key && 'indent' in key && !explicitKey) {
      yield* faultsOf(key, around);
      const source = key.type === 'scalar' ? key.source : '';
      const last = source.lastIndexOf('\n') + 1;
      const hasColon = has(sep, 'map-value-ind');
      // In the indentation, an odd blank moves the key to another column, or makes it a part of the value above.
      const blanks = last === 0 && hasColon ? [...oddBlanks(source, key.offset)] : [];
      const hasNoBlank = /^-[^\s-]/.test(source);
      const isEntry = above?.type === 'block-seq' && above.indent === key.indent && !hasNoBlank;
      if (blanks.length > 0) yield* blanks;
      else if (last === 0 && hasNoBlank) yield withoutBlank(key.offset);
      else if (
        isEntry &&
        (key.indent !== map.indent || !((hasColon && last === 0) || /^\w*(?:\n|$)/.test(source)))
      )
        yield withoutHyphen(key.offset, last === 0);
      else if (last > 0 && beside && 'indent' in beside) {
        const start = key.offset + last + source.slice(last).search(/\S|$/);
        yield {
          start,
          end: key.offset + source.length,
          message:
            'This key is indented deeper than the one above, which has a value already: it is read as part of it.',
          help: `begin it in column ${beside.indent + 1}`,
        };
      } else if (!hasColon || last > 0)
        yield* ofLine(key.offset, source, lastOf(above)?.type === 'block-scalar');
      else if (beside)
        yield {
          start: key.offset,
          end: key.offset + 1,
          message: 'This value contains a colon and a blank: YAML reads it as a map on the line of its key.',
          help: 'quote the whole value',
          splice: 'quotes',
        };
      else if (key.indent !== map.indent)
        yield inColumn(key.offset, key.indent, [...around, ...columnsOf(above)]);
    }
    if (value?.type === 'error' && value.source === '-') {
      const message = 'A list cannot begin on the line of its key.';
      const help = 'write its entries below the key, or between brackets: `key: [a, b]`';
      yield { start: value.offset, end: value.offset + 1, message, help };
    }
    yield* faultsOf(value, around, has(sep, 'newline') ? undefined : key);
  }
}

function* inList(list: CST.BlockSequence, columns: readonly number[]): Iterable<YamlFault> {
  for (const [index, { start, value }] of list.items.entries()) {
    const isEntry = !value || has(start, 'seq-item-ind');
    if (!isEntry && 'indent' in value)
      yield inColumn(value.offset, value.indent, [...columns, ...columnsOf(list.items[index - 1]?.value)]);
    yield* faultsOf(value, columns);
  }
}

function* inFlow(flow: CST.FlowCollection, columns: readonly number[]): Iterable<YamlFault> {
  const close = flow.start.source === '{' ? '}' : ']';
  const inner = [...ofEntries(flow, columns)];
  const [end] = flow.end;
  if (end?.source === close) {
    yield* inner;
    return;
  }
  // A quote or bracket in it may hide its end; the end of another bracket comes from an error in its entries.
  const isOther = end !== undefined && end.type !== 'flow-error-end';
  const isCause = ({ message }: YamlFault) =>
    isOther || message === UNCLOSED_QUOTE || message === UNCLOSED_BRACKET;
  // Each once: otherwise, each level of brackets would double them.
  yield* inner.filter(isCause);
  const start = flow.offset;
  yield { start, end: start + 1, message: UNCLOSED_BRACKET, help: `close it with ${close}` };
  yield* inner.filter((fault) => !isCause(fault));
}

function* ofEntries(flow: CST.FlowCollection, columns: readonly number[]): Iterable<YamlFault> {
  for (const [index, { start, key, sep, value }] of flow.items.entries()) {
    const first = key ?? value;
    if (first && index > 0 && !has(start, 'comma')) yield withoutComma(first.offset);
    if (key && value && !has(sep, 'map-value-ind')) yield withoutComma(value.offset);
    for (const part of [key, value]) {
      // The parser reads `b: 1 c: 2` as a map in the value of b, with the key `1 c`.
      const [pair] = part?.type === 'block-map' ? part.items : [];
      if (!pair) yield* faultsOf(part, columns);
      const blank = pair?.key?.type === 'scalar' ? pair.key.source.search(/\s\S+$/) : -1;
      if (pair?.key && blank >= 0) yield withoutComma(pair.key.offset + blank + 1);
      const after = pair ? pair.sep : part && 'end' in part ? part.end : undefined;
      const next = after?.find(({ type }) => !SEPARATORS.includes(type));
      if (next) yield withoutComma(next.offset);
      if (pair) yield* faultsOf(part, columns);
    }
  }
}

/** The tokens that may follow a value between brackets; the others belong to another value. */
const SEPARATORS: readonly string[] = [
  'space',
  'newline',
  'comment',
  'flow-map-end',
  'flow-seq-end',
  'map-value-ind',
];

function has(tokens: readonly CST.SourceToken[] | undefined, type: CST.SourceToken['type']): boolean {
  return tokens?.some((token) => token.type === type) ?? false;
}

function withoutComma(start: number): YamlFault {
  const message = 'A comma is missing before this entry: between brackets, commas separate entries.';
  return { start, end: start + 1, message, help: 'write a comma after the entry before', splice: 'comma' };
}

function withoutBlank(start: number): YamlFault {
  const message = 'A blank is missing after this hyphen: YAML reads no entry of a list.';
  const end = start + 1;
  return {
    start,
    end,
    message,
    help: 'write `- ` before each entry',
    splice: { start: end, end, text: ' ' },
  };
}

function withoutHyphen(start: number, isOneLine: boolean): YamlFault {
  const message = 'The hyphen before this entry is missing: the other entries of the list have one.';
  const splice = isOneLine ? { start, end: start, text: '- ' } : undefined;
  return { start, end: start + 1, message, help: 'write `- ` before it', splice };
}

/** Returns the error for an entry of a list below keys. If it has a key of these, they are another entry. */
function amongKeys(map: CST.BlockMap, index: number, start: number, entry: CST.Token | null | undefined) {
  const keysOf = (items: CST.BlockMap['items']) =>
    items.flatMap(({ key }) => (key?.type === 'scalar' ? key.source : []));
  const above = keysOf(map.items.slice(0, index));
  if (entry?.type === 'block-map' && keysOf(entry.items).some((key) => above.includes(key)))
    return withoutHyphen(map.offset, index === 1);
  const message =
    'This hyphen begins an entry of a list, but above it are keys of a map: a value is one or the other.';
  const help = 'remove the hyphen; or write one before the first of these keys, too';
  return { start, end: start + 1, message, help };
}

const PEM = /^["']?-----(?:BEGIN|END) /m;

function notIndented(start: number, end: number): YamlFault {
  const message = 'This line is not indented deeper than its key: YAML does not read it as part of the text.';
  return { start, end, message, help: 'write `|` after the key, and indent all lines of the text below it' };
}

/** Returns the last value in a token. */
function lastOf(token: CST.Token | null | undefined): CST.Token | null | undefined {
  return token?.type === 'block-map' || token?.type === 'block-seq'
    ? lastOf(token.items.at(-1)?.value)
    : token;
}

/**
 * Returns the errors for a line that is not `key: value`; the text may have further lines. Does not quote it, because it may be a
 * secret. A line below a text of several lines may belong to it, unless it is one word.
 */
function ofLine(start: number, text: string, isBelowText: boolean): YamlFault[] {
  const [first = [], ...others] = Array.from(
    text.matchAll(/[^ \t\r\n](?:.*[^ \t\r\n])?/g),
    ({ 0: line, index }) => [...oddBlanks(line, start + index)],
  );
  if (first.length > 0) return [first, ...others].flat();
  const [line = ''] = text.split('\n', 1);
  const end = start + line.length;
  const colon = start + line.indexOf(':') + 1;
  if (/^-[^\s-]/.test(line)) return [withoutBlank(start)];
  if (PEM.test(text) || (isBelowText && !/^\w+$/.test(line))) return [notIndented(start, end)];
  if (/^[A-Za-z_][\w.-]*:\S/.test(line)) {
    const message = 'A blank is missing after the colon of this key: YAML reads the line as a text.';
    const splice = line.includes('://') ? undefined : { start: colon, end: colon, text: ' ' };
    return [{ start, end, message, help: 'write `key: value`', splice }];
  }
  const message = 'The colon of this key is missing: YAML reads the line as a text.';
  return [{ start, end, message, help: 'write `key: value`, or `key:` above indented lines' }];
}

/** Returns the columns of the maps that a value ends with. */
function columnsOf(token: CST.Token | undefined): number[] {
  if (token?.type !== 'block-map' && token?.type !== 'block-seq') return [];
  const inner = columnsOf(token.items.at(-1)?.value);
  return token.type === 'block-map' ? [token.indent, ...inner] : inner;
}

function inColumn(start: number, indent: number, columns: readonly number[]): YamlFault {
  const others = [
    Math.max(...columns.filter((column) => column < indent)),
    Math.min(...columns.filter((column) => column > indent)),
  ].filter(Number.isFinite);
  return {
    start,
    end: start + 1,
    message: `This line begins in column ${indent + 1}, but no map around it has its keys there.`,
    help:
      others.length > 0
        ? `begin it in column ${others.map((column) => column + 1).join(' or ')}, like the keys above`
        : 'begin it in the column of the keys above',
  };
}
