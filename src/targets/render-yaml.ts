import { isUtf8 } from 'node:buffer';
import { type CreateNodeOptions, Scalar, type ToStringOptions } from 'yaml';
import { quoteYaml } from '../values/quoting.ts';

/** A key that every YAML reader parses as text without quotes. Others, such as `on` and `0x10`, are quoted. */
const PLAIN_KEY = /^(?!(true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** The longest key that needs no `?` before it. Source: YAML 1.2, 7.4.2. */
const LONGEST_KEY = 1024;

const STEP = '  ';

/** Returns the text to write for one that contains a `$`; `key` and `map` are set for the value of a map. */
type TextOf = (text: string, key?: string, map?: Holder) => string;

type Holder = Readonly<Record<string, unknown>>;

/**
 * Renders a JSON value as YAML that readers of 1.1 and 1.2 parse alike: strings are in double quotes. `textOf` may replace
 * texts. This does not use the package `yaml`, because it runs for each of many thousand nodes.
 */
export function renderYaml(value: unknown, textOf: TextOf = (text) => text): string {
  return `${render(value, '', textOf)}\n`;
}

/** Texts that need neither escapes nor `textOf`: nearly all. */
const PLAIN = /^[ !#%-[\]-~]*$/;

/** Renders a value without an indent before its first line; `key` and `map` are set for the value of a map. */
function render(value: unknown, indent: string, textOf: TextOf, key?: string, map?: Holder): string {
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : quoteYaml(textOf(value, key, map));
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object' || value === null) return String(value ?? null);
  const inner = indent + STEP;
  if (Array.isArray(value))
    return value.map((item) => `- ${render(item, inner, textOf)}`).join(`\n${indent}`) || '[]';
  const lines: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const name = PLAIN_KEY.test(key) ? key : quoteYaml(key);
    const content = render(item, inner, textOf, key, value as Holder);
    // A map or list begins on the line after its key, unless it is empty.
    const isBelow = typeof item === 'object' && item !== null && content !== '[]' && content !== '{}';
    if (name.length > LONGEST_KEY) lines.push(`? ${name}\n${indent}: ${content}`);
    else lines.push(isBelow ? `${name}:\n${inner}${content}` : `${name}: ${content}`);
  }
  return lines.join(`\n${indent}`) || '{}';
}

/** Returns a number in the syntax of JSON, or of YAML if JSON has none for it. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return '.nan';
  return value < 0 ? '-.inf' : '.inf';
}

/** Folds no line, so that a block contains its text unchanged. */
export const AS_IS: CreateNodeOptions & ToStringOptions = {
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  aliasDuplicateObjects: false,
};

/**
 * Characters that a block of YAML 1.1 or 1.2 cannot contain, or that some reader parses as a line break. (Control characters,
 * U+0085, line and paragraph separators, byte order marks, halves of surrogate pairs.) Source: YAML 1.1, 5.1 and 5.4.
 */
const NOT_IN_BLOCK =
  /[^\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Whether a block can contain a text. Readers differ over a text that ends in blank lines or contains nothing else. */
export function isBlock(text: string): boolean {
  return !NOT_IN_BLOCK.test(text) && /\S\n?$/.test(text);
}

/** Returns a text as a block, with one line for each of its lines, or in double quotes. */
export function scalarOf(text: string, type: 'BLOCK_LITERAL' | 'QUOTE_DOUBLE'): Scalar {
  return Object.assign(new Scalar(text), { type });
}

/** Returns a file's content as text, including a byte order mark, or undefined if it is not UTF-8. */
export function utf8In(content: string | Uint8Array): string | undefined {
  if (typeof content === 'string') return content;
  return isUtf8(content) ? Buffer.from(content).toString('utf8') : undefined;
}
