// Common functions of the pages of keys: the maps of a JSON Schema, and the type of a value in words.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { code, listed } from './page.mjs';

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'src', 'knowledge');

/** Returns a schema of src/knowledge/, parsed, with the types to which harvgen converts values. */
export function schemaIn(file) {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'), (_, part) =>
    part?.['x-canonical'] ? { ...part, type: part['x-canonical'] } : part,
  );
}

/** Returns a part of a document with its references within the document followed; its own keywords take precedence. */
export function follow(part, document) {
  if (!part.$ref?.startsWith('#/')) return part;
  const { $ref, ...own } = part;
  const target = $ref
    .slice(2)
    .split('/')
    .reduce((value, key) => value[key], document);
  return { ...follow(target, document), ...own };
}

/**
 * Returns the maps below a part of a schema, the part first. Each has a path, its schema and its keys. In a path, `[]` is an entry of a
 * list, and `<name>` is a name that the user chooses. `isClosed` returns true for a path whose keys are described elsewhere.
 */
export function mapsBelow(part, document, isClosed, path = '') {
  const schema = follow(part, document);
  const keys = Object.entries(schema.properties ?? {}).map(([name, raw]) => ({
    name,
    path: path ? `${path}.${name}` : name,
    isRequired: schema.required?.includes(name) ?? false,
    schema: follow(raw, document),
  }));
  const inner = [
    ...keys.map((key) => [key.path, key.schema]),
    ...(schema.items ? [[`${path}[]`, schema.items]] : []),
    ...(typeof schema.additionalProperties === 'object'
      ? [[path ? `${path}.<name>` : '<name>', schema.additionalProperties]]
      : []),
  ];
  return [
    ...(keys.length > 0 ? [{ path, schema, keys }] : []),
    ...inner.flatMap(([at, below]) => (isClosed(at) ? [] : mapsBelow(below, document, isClosed, at))),
  ];
}

const NAMES = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'map',
};

/** Returns the type of a value in words: its values if they are listed, else its JSON type. */
export function typeOf(part, document) {
  const schema = follow(part, document);
  if (schema.$ref) return 'map';
  if (schema.enum)
    return listed(
      schema.enum.map((value) => (value === '' ? 'empty' : code(String(value)))),
      'or',
    );
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.oneOf || schema.anyOf)
    return unique((schema.oneOf ?? schema.anyOf).map((one) => typeOf(one, document)));
  return unique([schema.type].flat().map((type) => ofType(type, schema, document)));
}

function ofType(type, { properties, additionalProperties, items }, document) {
  const inner = type === 'array' ? items : properties ? undefined : additionalProperties;
  const word = type === 'array' ? 'list' : NAMES[type];
  if (!['array', 'object'].includes(type) || typeof inner !== 'object') return word;
  const of = typeOf(inner, document);
  return of ? `${word} of ${of.replace(/^(map|text|list)\b/, '$1s').replace(/number$/, 'numbers')}` : word;
}

function unique(types) {
  return listed([...new Set(types.filter(Boolean))], 'or');
}

/** Returns the first example of a part as code, or nothing if it is long. */
export function exampleOf({ examples }) {
  if (!examples) return '';
  const text = JSON.stringify(examples[0]);
  return text.length > 90 ? '' : code(text);
}
