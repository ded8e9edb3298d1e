import { quoteYaml } from '../values/quoting/yaml.ts';

/** A key that is text to every reader of YAML, without quotes. Others, such as `on` and `0x10`, are quoted. */
const PLAIN_KEY = /^(?!(true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** The longest key that may stand before a colon on its own. Source: YAML 1.2, 7.4.2. */
const LONGEST_KEY = 1024;

/** A step of a map or list within another. */
const STEP = '  ';

/** Gives what is written of a text that has a `$` in it; of one in a map its key is said, and the map. */
export type TextOf = (text: string, key?: string, map?: Holder) => string;

type Holder = Readonly<Record<string, unknown>>;

/**
 * Renders a value as a YAML document that readers of YAML 1.1 and of YAML 1.2 take for the same: strings, with marks of
 * secrets, in double quotes, bare booleans and numbers. The value is what JSON can hold; what is undefined in a map is left
 * out. `textOf` may give another text for some. Written by hand, since it is done for each of many thousand nodes.
 */
export function renderYaml(value: unknown, textOf: TextOf = same): string {
  return `${typeof value === 'string' ? written(value, textOf) : render(value, '', textOf)}\n`;
}

function same(text: string): string {
  return text;
}

/** What is written as it is, and is no text to look into: nearly all. */
const PLAIN = /^[ !#%-[\]-~]*$/;

function written(text: string, textOf: TextOf, key?: string, map?: Holder): string {
  return PLAIN.test(text) ? `"${text}"` : quoteYaml(textOf(text, key, map));
}

/** Gives what is no text, without an indent before its first line. */
function render(value: unknown, indent: string, textOf: TextOf): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value)
      ? renderList(value, indent, textOf)
      : renderMap(value as Holder, indent, textOf);
  return String(value ?? null);
}

function renderList(list: readonly unknown[], indent: string, textOf: TextOf): string {
  const inner = indent + STEP;
  let text = '';
  for (const item of list) {
    if (text !== '') text += `\n${indent}`;
    text += `- ${typeof item === 'string' ? written(item, textOf) : render(item, inner, textOf)}`;
  }
  return text || '[]';
}

function renderMap(map: Holder, indent: string, textOf: TextOf): string {
  const inner = indent + STEP;
  let text = '';
  for (const key of Object.keys(map)) {
    const value = map[key];
    if (value === undefined) continue;
    if (text !== '') text += `\n${indent}`;
    const name = nameOf(key);
    const content =
      typeof value === 'string' ? written(value, textOf, key, map) : render(value, inner, textOf);
    if (name.length > LONGEST_KEY) text += `? ${name}\n${indent}: ${content}`;
    else text += standsBelow(value, content) ? `${name}:\n${inner}${content}` : `${name}: ${content}`;
  }
  return text || '{}';
}

/** Whether a value begins on the line after its key: an empty map or list does not. */
function standsBelow(value: unknown, text: string): boolean {
  return typeof value === 'object' && value !== null && text !== '[]' && text !== '{}';
}

/** The keys that were met, as they are written: nodes have the same ones. */
const names = new Map<string, string>();

function nameOf(key: string): string {
  let name = names.get(key);
  if (name === undefined) {
    name = PLAIN_KEY.test(key) ? key : quoteYaml(key);
    names.set(key, name);
  }
  return name;
}

/** As JSON has it, and what JSON does not have as YAML does. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return '.nan';
  return value < 0 ? '-.inf' : '.inf';
}
