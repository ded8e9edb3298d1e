import { Ajv2020, type CodeOptions, type ValidateFunction } from 'ajv/dist/2020.js';
import { schemaOf } from '../knowledge/schemas.ts';
import { FORMATS } from './formats.ts';

/** harvgen's own annotations in the schemas: data for messages and rules, which validate nothing. */
const ANNOTATIONS = (
  'expects helps missing renamed since until absent since-types since-values instead ' +
  'instead-how modes required no-effect no-effect-since internal secret'
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
    code,
  });
  ajv.addVocabulary(ANNOTATIONS);
  for (const [name, check] of Object.entries(FORMATS)) ajv.addFormat(name, check);
  // The files have no $id, so that editors resolve their references as paths; ajv needs one for each.
  ajv.addSchema({
    ...forAjv(schemaOf('harvester/config.schema.json')),
    $id: 'harvgen:/harvester/config.schema.json',
  });
  return ajv.addSchema({ ...forAjv(schemaOf('site.schema.json')), $id: SCHEMA_ID });
}

/**
 * Returns a schema from which ajv generates the least code. Omits descriptions and examples, and replaces each reference
 * by the end of its chain: ajv would generate the code of a target again for every reference to a reference.
 */
function forAjv(root: object): object {
  const at = (pointer: string) =>
    pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((part, key) => (part as Schema)[key], root) as Schema;
  const endOf = (reference: string): string => {
    const { $ref: further, description, examples, ...rest } = reference.startsWith('#/') ? at(reference) : {};
    return typeof further === 'string' && Object.keys(rest).length === 0 ? endOf(further) : reference;
  };
  const text = JSON.stringify(root, (key, value) => {
    if (key === '$ref' && typeof value === 'string') return endOf(value);
    const isProse =
      key === 'description' ? typeof value === 'string' : key === 'examples' && Array.isArray(value);
    return isProse ? undefined : value;
  });
  return JSON.parse(text) as object;
}

type Schema = Record<string, unknown>;

/**
 * Validates an inventory against schema/site.schema.json. A build replaces this file by code that ajv generates from the schema,
 * because generating it takes longer than compiling a small site: scripts/build-validator.mjs.
 */
// The schema is compiled once and used once: compilation must be fast, not validation.
export const validate = schemaAjv({ optimize: false }).getSchema(SCHEMA_ID) as ValidateFunction;
