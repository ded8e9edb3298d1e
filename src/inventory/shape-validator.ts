import { Ajv2020, type CodeOptions, type ValidateFunction } from 'ajv/dist/2020.js';
import { schemaOf } from '../knowledge/schemas.ts';
import { FORMATS } from './formats.ts';

/** harvgen's own annotations in the schemas: they carry knowledge for messages and rules, and check nothing. */
const ANNOTATIONS = (
  'expects helps missing renamed since until absent since-types since-values instead ' +
  'instead-how modes required no-effect no-effect-since internal secret'
)
  .split(' ')
  .map((name) => `x-${name}`);

/** What ajv calls the schema of an inventory. */
export const SHAPE = 'harvgen:/site.schema.json';

/** Gives an ajv that knows the schema of an inventory, by the name SHAPE, and makes code of it as the options say. */
export function shapeAjv(code: CodeOptions): Ajv2020 {
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
  // The files carry no $id, so that editors resolve their references as paths; ajv needs one for each.
  ajv.addSchema({
    ...forAjv(schemaOf('harvester/config.schema.json')),
    $id: 'harvgen:/harvester/config.schema.json',
  });
  return ajv.addSchema({ ...forAjv(schemaOf('site.schema.json')), $id: SHAPE });
}

/**
 * Gives a schema as ajv makes the least code of it: without what only people read, and with each reference to where a chain of
 * them ends. Of what a reference leads to by way of another one, ajv makes the whole code again.
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
 * Checks the shape of an inventory against schema/site.schema.json. What is built has in this file's place the code that ajv
 * makes of the schema, since making it takes longer than all else that a small site needs: scripts/build-validator.mjs.
 */
// The schema is compiled once and used once: what makes that fast counts, not what makes the check faster.
export const validate = shapeAjv({ optimize: false }).getSchema(SHAPE) as ValidateFunction;
