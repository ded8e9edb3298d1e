/** An error for which Jinja rejects a template; `start` and `end` are the offsets of its cause in the template. */
export interface JinjaFault {
  /** The error, such as `"(" without ")"`. */
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

/** A name that a template prints as it is, outside of blocks: `{{ ds.meta_data["rack"] }}`. */
export interface PrintedName {
  readonly start: number;
  /** The keys from left to right, each with the offset of its end in the template. Indexes of lists are numbers. */
  readonly keys: readonly { readonly key: string | number; readonly end: number }[];
}

/** What a template shows without running it. */
export interface JinjaTemplate {
  readonly fault?: JinjaFault;
  /** Empty for a template with an error, with a placeholder of a secret in a tag, or with tags that may set any name. */
  readonly names: readonly PrintedName[];
}

interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A tag such as `{{ … }}`, with its tokens. */
interface Tag extends Span {
  /** Texts are in their quotes; `depth` is the number of open brackets. */
  readonly tokens: readonly (Span & { readonly depth: number })[];
}

interface Block {
  readonly tag: Span;
  /** The tags that may follow, the last of which ends the block. */
  next: readonly string[];
}

/** Thrown for a placeholder of a secret in a tag: its value may contain anything. */
const SECRET = Symbol('secret');

/** A comment, or text that is not a template. */
const VERBATIM = /\{#[\s\S]*?#\}|\{%[-+]?\s*raw\s*-?%\}[\s\S]*?\{%[-+]?\s*endraw\s*[-+]?%\}/y;
const RAW = /\{%[-+]?\s*raw\s*-?%\}/y;

/** Source: Jinja, src/jinja2/lexer.py. */
const TOKEN =
  /\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[\p{L}\p{N}_][\p{L}\p{M}\p{N}\p{Pc}]*|\/\/|\*\*|[=!<>]=|[-+*/%~.,:|()[\]{}<>=;])/suy;
const TAG_ENDS = { '{{': /\s*-?\}\}/y, '{%': /\s*[-+]?%\}/y };
const CLOSING: Readonly<Record<string, string>> = {
  ...{ '(': ')', '[': ']', '{': '}', '{{': '}}', '{%': '%}' },
};

/** Source: Jinja, src/jinja2/parser.py. The only extension that cloud-init enables is `do`. */
const BLOCKS = ['if', 'for', 'set', 'macro', 'call', 'filter', 'with', 'autoescape', 'block'];
/** Tags after which any name may have a value. */
const DEFINITIONS = ['macro', 'do', 'extends', 'include', 'import', 'from'];
const SINGLE_TAGS = ['print', ...DEFINITIONS];

/**
 * The filters and tests of Jinja, to which cloud-init adds none. Sources: Jinja, src/jinja2/filters.py (FILTERS), tests.py (TESTS);
 * cloud-init, cloudinit/templater.py.
 */
const FILTERS = (
  'abs attr batch capitalize center count d default dictsort e escape filesizeformat first float forceescape format groupby ' +
  'indent int items join last length list lower map max min pprint random reject rejectattr replace reverse round safe select ' +
  'selectattr slice sort string striptags sum title tojson trim truncate unique upper urlencode urlize wordcount wordwrap xmlattr'
).split(' ');
const TESTS = (
  'boolean callable defined divisibleby eq equalto escaped even false filter float ge greaterthan gt in integer iterable le ' +
  'lessthan lower lt mapping ne none number odd sameas sequence string test true undefined upper'
).split(' ');

/** A printed name: its keys have dots or brackets. */
const PRINTED = /^\{\{[-+]?\s*([A-Za-z_]\w*(?:\.\w+|\[(?:"[^"\\]*"|'[^'\\]*'|\d+)\])*)\s*-?\}\}$/;
const KEY = /"[^"]*"\]|'[^']*'\]|\w+\]?/g;

/**
 * Reads a template from an offset: finds tags, blocks, brackets and quotes without an end, unknown tags, filters and tests,
 * and the names that it prints. Does not parse expressions.
 */
export function readJinja(template: string, from: number): JinjaTemplate {
  try {
    return { names: printedNames(template, tagsOf(template, from)) };
  } catch (error) {
    if (error === SECRET) return { names: [] };
    if (error instanceof Rejection) return { names: [], fault: error.fault };
    throw error;
  }
}

class Rejection extends Error {
  readonly fault: JinjaFault;

  constructor(what: string, { start, end }: { readonly start: number; readonly end: number }) {
    super(what);
    this.fault = { what, start, end };
  }
}

function* tagsOf(template: string, from: number): Generator<Tag> {
  let position = from;
  for (;;) {
    const start = (matchEnd(/\{[{%#]/g, template, position) ?? 1) - 2;
    if (start < position) return;
    const end = matchEnd(VERBATIM, template, start);
    if (end !== undefined) {
      position = end;
      continue;
    }
    const opening = template.slice(start, start + 2);
    if (opening === '{#') throw unclosed('{#', '#}', { start, end: start + 2 });
    if (matchEnd(RAW, template, start) !== undefined)
      throw new Rejection('{% raw %} without {% endraw %}', { start, end: start + 2 });
    const tag = readTag(template, start, opening as keyof typeof TAG_ENDS);
    yield tag;
    position = tag.end;
  }
}

function matchEnd(pattern: RegExp, text: string, position: number): number | undefined {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function readTag(template: string, start: number, opening: keyof typeof TAG_ENDS): Tag {
  const tokens: Tag['tokens'][number][] = [];
  const open: Span[] = [{ text: opening, start, end: start + 2 }];
  let position = start + (/[-+]/.test(template.charAt(start + 2)) ? 3 : 2);
  for (;;) {
    const last = open.at(-1) as Span;
    const end = open.length === 1 ? matchEnd(TAG_ENDS[opening], template, position) : undefined;
    if (end !== undefined) {
      if (tokens.length === 0) throw unexpected(CLOSING[opening] ?? '', { start: end - 2, end });
      return { text: template.slice(start, end), start, end, tokens };
    }
    TOKEN.lastIndex = position;
    const text = TOKEN.exec(template)?.[1];
    if (text === undefined || (/^[)\]}]$/.test(text) && text !== CLOSING[last.text]))
      throw rejectionAt(template, position, last);
    position = TOKEN.lastIndex;
    const token = { text, start: position - text.length, end: position };
    if (/^[)\]}]$/.test(text)) open.pop();
    tokens.push({ ...token, depth: open.length - 1 });
    if (/^[([{]$/.test(text)) open.push(token);
  }
}

/** Returns the error where no token begins, or where a bracket closes another kind than the last open one. */
function rejectionAt(template: string, position: number, opening: Span): Rejection | typeof SECRET {
  const start = position + template.slice(position).search(/\S|$/);
  if (template.startsWith('${', start)) return SECRET;
  const character = String.fromCodePoint(template.codePointAt(start) ?? 0);
  const span = { start, end: start + character.length };
  const closing = CLOSING[opening.text] ?? '';
  // On another line, an end is missing rather than something wrong.
  if (start === template.length || template.slice(opening.end, start).includes('\n'))
    return unclosed(opening.text, closing, opening);
  if (/["']/.test(character)) return new Rejection('a text without its closing quote', span);
  const isWrongEnd = opening.text.length === 1 && /[)\]}]/.test(character);
  return isWrongEnd ? unclosed(opening.text, closing, opening) : unexpected(character, span);
}

const unclosed = (opening: string, closing: string, span: Pick<Span, 'start' | 'end'>) =>
  new Rejection(`"${opening}" without "${closing}"`, span);

const unexpected = (text: string, span: Pick<Span, 'start' | 'end'>) =>
  new Rejection(`an unexpected "${text}"`, span);

/** Checks tags and returns the names that those outside of blocks print, except names that the template sets. */
function printedNames(template: string, tags: Iterable<Tag>): PrintedName[] {
  const names: PrintedName[] = [];
  const blocks: Block[] = [];
  const setNames = new Set<string | number | undefined>(['true', 'True', 'false', 'False', 'none', 'None']);
  let definesNames = false;
  for (const tag of tags) {
    checkFilters(tag.tokens);
    if (template.startsWith('{{', tag.start)) {
      const name = blocks.length === 0 ? printedName(tag) : undefined;
      if (name) names.push(name);
      continue;
    }
    const [word, ...rest] = tag.tokens;
    if (!word) continue;
    const equals = rest.findIndex(({ text, depth }) => text === '=' && depth === 0);
    enter(blocks, word, word.text === 'set' && equals >= 0);
    if (word.text === 'set') for (const { text } of rest.slice(0, Math.max(equals, 1))) setNames.add(text);
    definesNames ||= DEFINITIONS.includes(word.text);
  }
  const [unended] = blocks.slice(-1);
  if (unended) throw unendedBlock(unended);
  return definesNames ? [] : names.filter(({ keys }) => !setNames.has(keys[0]?.key));
}

/** Opens, continues or ends a block at a tag. */
function enter(blocks: Block[], tag: Span, isAssignment: boolean): void {
  const { text } = tag;
  const inner = blocks.at(-1);
  if (inner?.next.includes(text)) {
    if (text.startsWith('end')) blocks.pop();
    else if (text === 'else') inner.next = inner.next.slice(-1);
  } else if (BLOCKS.includes(text) && !isAssignment) {
    const others = text === 'if' ? ['elif', 'else'] : text === 'for' ? ['else'] : [];
    blocks.push({ tag, next: [...others, `end${text}`] });
  } else if (!isAssignment && !SINGLE_TAGS.includes(text)) {
    if (inner && blocks.some(({ next }) => next.includes(text))) throw unendedBlock(inner);
    const isEnd = /^(end.*|else|elif)$/.test(text);
    throw new Rejection(`${isEnd ? 'an unexpected' : 'the unknown tag'} {% ${text} %}`, tag);
  }
}

function unendedBlock({ tag, next }: Block): Rejection {
  return new Rejection(`{% ${tag.text} %} without {% ${next.at(-1)} %}`, tag);
}

/** Throws for a filter or test that Jinja does not have. */
function checkFilters(tokens: Tag['tokens']): void {
  for (const [index, { text }] of tokens.entries()) {
    const next = tokens[index + 1];
    const tested = next?.text === 'not' ? tokens[index + 2] : next;
    const [kind, name, known] =
      text === '|' ? (['filter', next, FILTERS] as const) : (['test', tested, TESTS] as const);
    if ((text === '|' || text === 'is') && name && /^[A-Za-z_]/.test(name.text) && !known.includes(name.text))
      throw new Rejection(`the unknown ${kind} ${name.text}`, name);
  }
}

function printedName({ text, start }: Tag): PrintedName | undefined {
  const path = PRINTED.exec(text)?.[1];
  if (path === undefined) return undefined;
  const first = start + text.indexOf(path);
  const keys = Array.from(path.matchAll(KEY), ({ 0: written, index }) => {
    const bare = written.replace(/\]$/, '');
    return {
      key: /^\d+$/.test(bare) ? Number(bare) : bare.replace(/["']/g, ''),
      end: first + index + written.length,
    };
  });
  return { start: first, keys };
}
