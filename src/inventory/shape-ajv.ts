import { Ajv2020, type CodeOptions } from 'ajv/dist/2020.js';
import { schemaOf } from '../knowledge/tables/schemas.ts';
import { FORMATS } from './formats.ts';

/** harvgen's own annotations in the schemas: they carry knowledge for messages and rules, and check nothing. */
const ANNOTATIONS = [
  'x-expects',
  'x-helps',
  'x-missing',
  'x-renamed',
  'x-since',
  'x-until',
  'x-absent',
  'x-since-types',
  'x-since-values',
  'x-instead',
  'x-instead-how',
  'x-modes',
  'x-required',
  'x-no-effect',
  'x-no-effect-since',
  'x-internal',
  'x-secret',
];

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
    ...schemaOf('harvester/config.schema.json'),
    $id: 'harvgen:/harvester/config.schema.json',
  });
  return ajv.addSchema({ ...schemaOf('site.schema.json'), $id: SHAPE });
}
