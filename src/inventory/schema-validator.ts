import { Ajv, type CodeOptions, type ValidateFunction } from 'ajv';
import { schemaOf } from '../knowledge/schemas.ts';
import { FORMATS } from './formats.ts';

/** harvgen's own annotations in the schemas, which validate nothing: those that messages about a value need, and those of a key. */
const OF_VALUES = ['expects', 'helps', 'missing', 'renamed', 'secret'].map((name) => `x-${name}`);
const OF_KEYS =
  'since until absent since-types since-values instead instead-how modes required refers no-effect no-effect-since internal canonical case'
    .split(' ')
    .map((name) => `x-${name}`);

/** The id of the inventory schema in ajv. */
export const SCHEMA_ID = 'harvgen:/site.schema.json';

/** Returns an ajv with the inventory schema, under the id SCHEMA_ID; takes the options for generated code. */
export function schemaAjv(code: CodeOptions): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    messages: false,
    inlineRefs: false,
    code,
  });
  ajv.addVocabulary([...OF_VALUES, ...OF_KEYS]);
  for (const [name, check] of Object.entries(FORMATS)) ajv.addFormat(name, check);
  // The files have no $id, since their references are paths; ajv needs one for each.
  ajv.addSchema({
    ...forAjv(schemaOf('harvester/config.schema.json')),
    $id: 'harvgen:/harvester/config.schema.json',
  });
  return ajv.addSchema({ ...forAjv(schemaOf('site.schema.json')), $id: SCHEMA_ID });
}

/** The keywords whose value is a map of schemas, and those whose value is a schema. */
const MAPS = ['properties', 'patternProperties'];
const PARTS = ['items', 'additionalProperties'];

/**
 * Returns a schema without descriptions and examples, in which each key has a definition. From each
 * definition ajv generates a function, and Node compiles only functions that are called: those of keys in the inventory. Equal
 * definitions have one name, and one function.
 */
function forAjv(root: object): Schema {
  const { $defs: given = {}, ...rest } = root as Schema;
  const $defs: Schema = {};
  const keysOf = (schemas: Schema, path: string) =>
    Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, keyOf(schema as Schema, `${path}/${name}`)]),
    );
  const keyOf = (schema: Schema, path: string): Schema => {
    const own = partOf(schema, path);
    $defs[shortName(path)] = own;
    const annotations = Object.entries(schema).filter(([keyword]) => OF_KEYS.includes(keyword));
    return { ...Object.fromEntries(annotations), $ref: own.$ref ?? referenceTo(`#${path}`) };
  };
  const partOf = (schema: Schema, path: string): Schema => {
    const { description, examples, $comment, $schema, ...own } = schema;
    if (own['x-canonical'] !== undefined) own.type = own['x-canonical'];
    for (const [keyword, value] of Object.entries(own)) {
      if (OF_KEYS.includes(keyword)) delete own[keyword];
      const at = `${path}/${keyword}`;
      if (keyword === '$ref') own.$ref = referenceTo(value as string);
      else if (MAPS.includes(keyword)) own[keyword] = keysOf(value as Schema, at);
      else if (keyword === 'anyOf') own.anyOf = (value as Schema[]).map((part) => partOf(part, at));
      // In a function of its own, ajv would omit the name of the key from errors.
      else if (keyword === 'propertyNames') own.propertyNames = partOf(targetOf(value as Schema), at);
      else if (PARTS.includes(keyword) && typeof value === 'object')
        own[keyword] = partOf(value as Schema, at);
    }
    return own;
  };
  const targetOf = (schema: Schema): Schema =>
    typeof schema.$ref === 'string'
      ? targetOf((given as Schema)[schema.$ref.replace('#/$defs/', '')] as Schema)
      : schema;
  keysOf(given as Schema, '/$defs');
  $defs[shortName('/')] = partOf(rest, '');
  return { $ref: referenceTo('#/'), $defs: joinEqual($defs) };
}

/** Returns definitions without those that equal another one, whose references name that one instead. */
function joinEqual($defs: Schema): Schema {
  const names = new Map<string, string>();
  const kept = new Map<string, string>();
  for (const [name, schema] of Object.entries($defs)) {
    const text = JSON.stringify(schema);
    const same = kept.get(text);
    if (same === undefined) kept.set(text, name);
    else names.set(`#/$defs/${name}`, `#/$defs/${same}`);
  }
  if (names.size === 0) return $defs;
  const joined = [...kept].map(([text, name]) => [name, JSON.parse(text, renamed)]);
  return joinEqual(Object.fromEntries(joined) as Schema);

  function renamed(key: string, value: unknown): unknown {
    return key === '$ref' ? (names.get(value as string) ?? value) : value;
  }
}

/** Returns the reference to the definition of a key, from a reference to the key. */
function referenceTo(reference: string): string {
  const [file, path] = reference.split('#');
  return path ? `${file}#/$defs/${shortName(path)}` : reference;
}

const shortNames = new Map<string, string>();

/** Returns the name of the definition at a path. It is short: the generated code contains it for each key. */
function shortName(path: string): string {
  const name = shortNames.get(path) ?? shortNames.size.toString(36);
  shortNames.set(path, name);
  return name;
}

type Schema = Record<string, unknown>;

/**
 * Validates an inventory against knowledge/site.schema.json. A build replaces this file by code that ajv generates from the schema,
 * because generating it takes longer than compiling a small site: scripts/build-validator.mjs.
 */
// The schema is compiled once and used once: compilation must be fast, not validation.
export const validate = schemaAjv({ optimize: false }).getSchema(SCHEMA_ID) as ValidateFunction;
