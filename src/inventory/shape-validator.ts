import { Ajv2020, type CodeOptions, type ValidateFunction } from 'ajv/dist/2020.js';
import { schemaOf } from '../knowledge/schemas.ts';
import { FORMATS } from './formats.ts';

/** harvgen's own annotations in the schemas: data for messages and rules, which validate nothing. */
const ANNOTATIONS = (
  'expects helps missing renamed since until absent since-types since-values instead ' +
  'instead-how modes required refers no-effect no-effect-since internal secret canonical case'
)
  .split(' ')
  .map((name) => `x-${name}`);

/** The id of the inventory schema in ajv. */
export const SCHEMA_ID = 'harvgen:/site.schema.json';

/** Returns an ajv with the inventory schema, under the id SCHEMA_ID; takes the options for generated code. */
export function schemaAjv(code: CodeOptions): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    messages: false,
    inlineRefs: false,
    code,
  });
  ajv.addVocabulary(ANNOTATIONS);
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
 * Returns a schema without descriptions and examples, in which each key has a definition, named by its path. From each
 * definition ajv generates a function, and Node compiles only functions that are called: those of keys in the inventory.
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
    $defs[path] = own;
    if (own.$ref) return own;
    const annotations = Object.entries(own).filter(([keyword]) => ANNOTATIONS.includes(keyword));
    return { ...Object.fromEntries(annotations), $ref: referenceTo(`#${path}`) };
  };
  const partOf = (schema: Schema, path: string): Schema => {
    const { description, examples, ...own } = schema;
    if (own['x-canonical'] !== undefined) own.type = own['x-canonical'];
    for (const [keyword, value] of Object.entries(own)) {
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
  $defs['/'] = partOf(rest, '');
  return { $ref: referenceTo('#/'), $defs };
}

/** Returns the reference to the definition of a key, from a reference to the key. */
function referenceTo(reference: string): string {
  const [file, path] = reference.split('#');
  return path ? `${file}#/$defs/${path.replaceAll('/', '~1')}` : reference;
}

type Schema = Record<string, unknown>;

/**
 * Validates an inventory against knowledge/site.schema.json. A build replaces this file by code that ajv generates from the schema,
 * because generating it takes longer than compiling a small site: scripts/build-validator.mjs.
 */
// The schema is compiled once and used once: compilation must be fast, not validation.
export const validate = schemaAjv({ optimize: false }).getSchema(SCHEMA_ID) as ValidateFunction;
