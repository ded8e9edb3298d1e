import type { Place, Source } from '../../source/origin.ts';
import type { Said } from './boot-php.ts';

/** An option of a call, and the word behind it as the shell makes it of what is written out. */
export interface CallOption {
  readonly name: string;
  /** Undefined for an option without a value. */
  readonly value: Said<string> | undefined;
  readonly at: Place;
}

const CALL = /\bcompute(?:[ \t]|\\\r?\n)+instance(?:[ \t]|\\\r?\n)+launch\b/g;
const BLANKS = /(?:[ \t]|\\\r?\n)+/y;
const WORD =
  /(?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[^\r\n]|\$\([^)\n]{0,200}\)|\$\{[^}\n]{0,200}\}|[^\s'"\\;|&()`<>$]+|\$)+/y;
const PIECE = /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([^\r\n])|([^'"\\]+)/g;

/** Short forms of options that people may have written. Source: the OCI CLI, `oci compute instance launch --help`. */
const LONG: Readonly<Record<string, string>> = { '-c': '--compartment-id' };

/**
 * Gives the options of every `oci compute instance launch` in a script, those before it (`oci --region …`) too, in their order.
 * `variables` are what the script sets: a value that is nothing but one of these is its value, and stands there.
 */
export function launchOptions(
  source: Source,
  variables: ReadonlyMap<string, Said<string>>,
): readonly CallOption[] {
  return Array.from(source.text.matchAll(CALL), ({ index, 0: call }) => {
    if (isComment(source.text, index)) return [];
    const before = /\boci((?:(?:[ \t]|\\\r?\n)+[^\s;|&()`]+){0,12}(?:[ \t]|\\\r?\n)+)$/.exec(
      source.text.slice(Math.max(0, index - 400), index),
    );
    const globals = before?.[1] ? wordsFrom(source, index - before[1].length, index) : [];
    const own = wordsFrom(source, index + call.length, source.text.length);
    return [...optionsIn(globals, variables), ...optionsIn(own, variables)];
  }).flat();
}

function isComment(text: string, at: number): boolean {
  return /^[ \t]*#/.test(text.slice(text.lastIndexOf('\n', at) + 1, at));
}

/** The words from an offset to the end of the command. */
function wordsFrom(source: Source, from: number, to: number): Said<string>[] {
  const words: Said<string>[] = [];
  for (let at = from; at < to; ) {
    at = behind(BLANKS, source.text, at);
    const end = behind(WORD, source.text, at);
    const written = source.text.slice(at, end);
    if (end === at || at >= to || written.startsWith('#')) break;
    words.push({ value: unquoted(written), at: { source, start: at, end } });
    at = end;
  }
  return words;
}

function behind(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : at;
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
      value: isFlag || !own ? undefined : resolved(own, variables),
      at,
    });
  });
  return options;
}

function resolved(said: Said<string>, variables: ReadonlyMap<string, Said<string>>): Said<string> {
  const [, braced, bare] = /^\$(?:\{(\w+)\}|(\w+))$/.exec(said.value) ?? [];
  return variables.get(braced ?? bare ?? '') ?? said;
}
