import { quoteYaml } from '../quoting/yaml.ts';

/** A key that is text to every reader of YAML, without quotes. Others, such as `on` and `0x10`, are quoted. */
const PLAIN_KEY = /^(?!(true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** The longest key that may stand before a colon on its own. Source: YAML 1.2, 7.4.2. */
const LONGEST_KEY = 1024;

/** A step of a map or list within another. */
const STEP = '  ';

/**
 * Renders a value as a YAML document that readers of YAML 1.1 and of YAML 1.2 take for the same: strings, with marks of
 * secrets, in double quotes, bare booleans and numbers. The value is what JSON can hold; what is undefined in a map is left
 * out. Written by hand, since it is done for each of many thousand nodes.
 */
export function renderYaml(value: unknown): string {
  return `${render(value, '')}\n`;
}

/** Gives a value without an indent before its first line. */
function render(value: unknown, indent: string): string {
  switch (typeof value) {
    case 'string':
      return quoteYaml(value);
    case 'number':
      return numberText(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? renderList(value, indent) : renderMap(value as object, indent);
    default:
      return value === undefined ? 'null' : String(value);
  }
}

function renderList(list: readonly unknown[], indent: string): string {
  if (list.length === 0) return '[]';
  let text = '';
  for (const item of list) {
    if (text !== '') text += `\n${indent}`;
    text += `- ${render(item, indent + STEP)}`;
  }
  return text;
}

function renderMap(map: object, indent: string): string {
  let text = '';
  for (const [key, value] of Object.entries(map)) {
    if (value === undefined) continue;
    if (text !== '') text += `\n${indent}`;
    text += renderEntry(key, value, indent);
  }
  return text === '' ? '{}' : text;
}

function renderEntry(key: string, value: unknown, indent: string): string {
  const name = PLAIN_KEY.test(key) ? key : quoteYaml(key);
  const inner = indent + STEP;
  if (name.length > LONGEST_KEY) return `? ${name}\n${indent}: ${render(value, inner)}`;
  const text = render(value, inner);
  // An empty map or list stands beside its key, as all else does that takes one line.
  const isBelow = typeof value === 'object' && text !== '[]' && text !== '{}' && text !== 'null';
  return isBelow ? `${name}:\n${inner}${text}` : `${name}: ${text}`;
}

/** As JSON has it, and what JSON does not have as YAML does. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return '.nan';
  return value < 0 ? '-.inf' : '.inf';
}
