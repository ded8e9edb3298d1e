import type { Place, Source } from '../../source/source.ts';
import type { Said } from '../joined/gathered.ts';

/** An option of a call, and the word behind it as the shell makes it of what is written out. */
export interface CallOption {
  readonly name: string;
  /** Undefined for an option without a value. */
  readonly value: Said<string> | undefined;
  readonly at: Place;
}

const CALL = /\bcompute(?:[ \t]|\\\r?\n)+instance(?:[ \t]|\\\r?\n)+launch\b/g;
/** Blanks, and a word of the shell behind them. */
const WORD =
  /(?:[ \t]|\\\r?\n)*((?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[^\r\n]|\$\([^)\n]{0,200}\)|\$\{[^}\n]{0,200}\}|[^\s'"\\;|&()`<>$]+|\$)+)/gy;
const PIECE = /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([^\r\n])|([^'"\\]+)/g;

/** `export NAME="value" # comment`; the value may be in quotes of either kind, or in none. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s;#"']*))/gm;

/** Short forms of options that people may have written. Source: the OCI CLI, `oci compute instance launch --help`. */
const LONG: Readonly<Record<string, string>> = { '-c': '--compartment-id' };

/** Returns every variable that a script sets, as it is set last. */
export function variablesOf(source: Source): ReadonlyMap<string, Said<string>> {
  return new Map(
    Array.from(source.text.matchAll(ASSIGNMENT), (match) => {
      const [whole, name = '', double, single, bare = ''] = match;
      const value = double ?? single ?? bare;
      const start = match.index + whole.lastIndexOf(value);
      return [name, { value, at: { source, start, end: start + Math.max(1, value.length) } }];
    }),
  );
}

/**
 * Gives the options of every `oci compute instance launch` in a script, those before it (`oci --region …`) too, in their order.
 * `variables` are what the script sets: a value that is nothing but one of these is its value, and stands there.
 */
export function launchOptions(
  source: Source,
  variables: ReadonlyMap<string, Said<string>>,
): readonly CallOption[] {
  return Array.from(source.text.matchAll(CALL), ({ index, 0: call }) => {
    const { text } = source;
    const isComment = /^[ \t]*#/.test(text.slice(text.lastIndexOf('\n', index) + 1, index));
    if (isComment) return [];
    const before = /\boci((?:(?:[ \t]|\\\r?\n)+[^\s;|&()`]+){0,12}(?:[ \t]|\\\r?\n)+)$/.exec(
      text.slice(Math.max(0, index - 400), index),
    );
    const globals = before?.[1] ? wordsFrom(source, index - before[1].length, index) : [];
    const own = wordsFrom(source, index + call.length, text.length);
    return [...optionsIn(globals, variables), ...optionsIn(own, variables)];
  }).flat();
}

/** The words from an offset to the end of the command, and not behind another offset. */
function wordsFrom(source: Source, from: number, to: number): Said<string>[] {
  const words: Said<string>[] = [];
  WORD.lastIndex = from;
  for (const { index, 0: whole, 1: written = '' } of source.text.matchAll(WORD)) {
    const end = index + whole.length;
    const start = end - written.length;
    if (start >= to || written.startsWith('#')) break;
    words.push({ value: unquoted(written), at: { source, start, end } });
  }
  return words;
}

function unquoted(written: string): string {
  return written.replace(
    PIECE,
    (_, single?: string, double?: string, escaped?: string, bare?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? bare ?? '',
  );
}

function optionsIn(
  words: readonly Said<string>[],
  variables: ReadonlyMap<string, Said<string>>,
): CallOption[] {
  const options: CallOption[] = [];
  words.forEach(({ value, at }, index) => {
    if (!/^-{1,2}[a-z]/.test(value)) return;
    // Behind the letter of a short option its value may stand at once.
    const short = value.startsWith('--') ? value : value.slice(0, 2);
    const [, name = short, said] = /^(--[\w-]+)=([\s\S]*)$/.exec(value) ?? [];
    const next = words[index + 1];
    const own = said === undefined ? next : { value: said, at };
    const isFlag = said === undefined && (next === undefined || /^--?[a-z]/.test(next.value));
    options.push({
      name: LONG[name] ?? name,
      value: isFlag || !own ? undefined : (variables.get(variableIn(own.value)) ?? own),
      at,
    });
  });
  return options;
}

/** The name of the variable that a word is nothing but; empty where it is more. */
function variableIn(word: string): string {
  const [, braced, bare = ''] = /^\$(?:\{(\w+)\}|(\w+))$/.exec(word) ?? [];
  return braced ?? bare;
}
