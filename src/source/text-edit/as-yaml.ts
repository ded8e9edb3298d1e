import { isMap, isScalar, parseDocument } from 'yaml';
import type { Path } from '../leaf.ts';
import type { Value } from '../origin.ts';

/** The quotes that a text has and must keep. */
export type Quotes = 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | undefined;

/** How to write a value: in brackets or not, the quotes, and `{ a: 1 }` (padded) or `{a: 1}`. */
export interface Style {
  readonly flow: boolean;
  readonly padded: boolean;
  readonly quotes?: Quotes;
}

/** Texts that are plain everywhere, unless they are one of the other words. */
const WORD = /^[a-z][a-z0-9_./-]*$/i;
const OTHER_WORD = /^(?:true|True|TRUE|false|False|FALSE|null|Null|NULL)$/;

/** Words that are text here, but booleans in older YAML parsers. */
const OLD_BOOLEAN = /^(y|yes|n|no|on|off)$/i;

/** Returns a value as YAML on one line. */
export function asYaml(value: Value, style: Style): string {
  const inner: Style = { flow: true, padded: style.padded };
  if (Array.isArray(value)) return `[${value.map((item) => asYaml(item, inner)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => `${keyAsYaml(key)}: ${asYaml(item, inner)}`);
    const pad = style.padded && pairs.length > 0 ? ' ' : '';
    return `{${pad}${pairs.join(', ')}${pad}}`;
  }
  if (typeof value === 'string') return textAsYaml(value, style);
  return typeof value === 'number' && !Number.isFinite(value) ? infinite(value) : String(value);
}

/** Returns a key as YAML, in quotes if necessary to keep it a text. */
export function keyAsYaml(key: string): string {
  if (WORD.test(key)) return key;
  const document = parseDocument(`{ ${key}: 0 }`, { logLevel: 'silent' });
  const { contents, errors } = document;
  const [pair, more] = isMap(contents) ? contents.items : [];
  const read = isScalar(pair?.key) && pair.key.type === 'PLAIN' && pair.key.source === key;
  const isPlain = errors.length === 0 && read && !more && isScalar(pair.value) && pair.value.value === 0;
  return isPlain && key !== '<<' ? key : JSON.stringify(key);
}

/** Returns the lines, in block style, of a value below a path of keys and new list entries. `step` is the indentation of each level. */
export function blockLines(path: Path, value: Value, indent: string, step: string): string[] {
  const [first, ...rest] = path;
  const text = () => asYaml(value, { flow: false, padded: true });
  if (typeof first === 'number') {
    const inner = rest.length > 0 ? blockLines(rest, value, `${indent}  `, step) : [`${indent}  ${text()}`];
    return inner.map((line, index) => (index === 0 ? `${indent}- ${line.trimStart()}` : line));
  }
  const key = `${indent}${keyAsYaml(first ?? '')}:`;
  return rest.length > 0 ? [key, ...blockLines(rest, value, indent + step, step)] : [`${key} ${text()}`];
}

/** Returns a value wrapped in a path of keys and new list entries. */
export function nested(path: Path, value: Value): Value {
  return path.reduceRight<Value>(
    (inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }),
    value,
  );
}

function textAsYaml(text: string, { flow, quotes }: Style): string {
  // Single quotes fold line breaks and have no escapes.
  if (quotes === 'QUOTE_SINGLE' && !/[\p{Cc}\u2028\u2029\ufeff]/u.test(text))
    return `'${text.replaceAll("'", "''")}'`;
  if (quotes === undefined && isPlain(text, flow)) return text;
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isPlain(text: string, flow: boolean): boolean {
  if (OLD_BOOLEAN.test(text) || /[\p{Cc}\u2028\u2029\ufeff]/u.test(text)) return false;
  if (WORD.test(text)) return !OTHER_WORD.test(text);
  const { contents, errors } = parseDocument(flow ? `{ k: ${text} }` : `k: ${text}`, { logLevel: 'silent' });
  if (errors.length > 0 || !isMap(contents) || contents.items.length !== 1) return false;
  const value = contents.items[0]?.value;
  return isScalar(value) && value.type === 'PLAIN' && value.value === text && !value.comment;
}

function infinite(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  return value > 0 ? '.inf' : '-.inf';
}
