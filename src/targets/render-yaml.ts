import { isUtf8 } from 'node:buffer';
import { type CreateNodeOptions, Scalar, type ToStringOptions } from 'yaml';
import { quoteYaml } from '../values/quoting.ts';

/** A key that is text to every reader of YAML, without quotes. Others, such as `on` and `0x10`, are quoted. */
const PLAIN_KEY = /^(?!(true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** The longest key that may stand before a colon on its own. Source: YAML 1.2, 7.4.2. */
const LONGEST_KEY = 1024;

const STEP = '  ';

/** Gives what is written of a text that has a `$` in it; of one in a map its key is said, and the map. */
type TextOf = (text: string, key?: string, map?: Holder) => string;

type Holder = Readonly<Record<string, unknown>>;

/**
 * Renders a value of JSON as YAML that readers of 1.1 and 1.2 take for the same: strings in double quotes. `textOf` may give
 * another text for some. Written by hand, since it is done for each of many thousand nodes.
 */
export function renderYaml(value: unknown, textOf: TextOf = (text) => text): string {
  return `${render(value, '', textOf)}\n`;
}

/** What is written as it is, and is no text to look into: nearly all. */
const PLAIN = /^[ !#%-[\]-~]*$/;

/** Renders a value without an indent before its first line; one in a map with its key, and the map. */
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

/** As JSON has it, and what JSON does not have as YAML does. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return '.nan';
  return value < 0 ? '-.inf' : '.inf';
}

/** No line is folded: a block is what stands in it. */
export const AS_IS: CreateNodeOptions & ToStringOptions = {
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  aliasDuplicateObjects: false,
};

/**
 * What a block of YAML 1.1 and 1.2 cannot hold as it is, or some reader takes for a line break: controls, U+0085, line and
 * paragraph separators, byte order marks, halves of surrogate pairs. Source: YAML 1.1, 5.1 and 5.4.
 */
const NOT_IN_BLOCK =
  /[^\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Says whether a text can stand in a block: readers differ over one that ends in lines of blanks, or has nothing else. */
export function isBlock(text: string): boolean {
  return !NOT_IN_BLOCK.test(text) && /\S\n?$/.test(text);
}

/** Gives a text as a block, a line for each of its lines, or in double quotes. */
export function scalarOf(text: string, type: 'BLOCK_LITERAL' | 'QUOTE_DOUBLE'): Scalar {
  return Object.assign(new Scalar(text), { type });
}

/** Gives the text that a file's content is, with its byte order mark, if it has one; undefined for bytes that are none. */
export function utf8In(content: string | Uint8Array): string | undefined {
  if (typeof content === 'string') return content;
  return isUtf8(content) ? Buffer.from(content).toString('utf8') : undefined;
}
