import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Report } from '../diagnostics/report.ts';
import { ipv4Number, parseCidr, parseRange } from '../site/ipv4.ts';
import { parseMac } from '../site/mac.ts';
import { isImage, isPlainUrl, isServerPath, parseServerUrl } from '../site/server-url.ts';
import { schemaOf } from '../tables/schemas.ts';
import type { ValueMap } from './parse.ts';
import { ShapeFaults } from './shape-faults.ts';

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

/** Formats of the schemas that a regular expression cannot judge; each is judged by the type that it becomes. */
const FORMATS: Record<string, (text: string) => boolean> = {
  mac: (text) => parseMac(text) !== undefined,
  ipv4: (text) => ipv4Number(text) !== undefined,
  cidr: (text) => parseCidr(text) !== undefined,
  'ipv4-range': (text) => parseRange(text) !== undefined,
  'server-url': (text) => parseServerUrl(text) !== undefined,
  'https-url': (text) => parseServerUrl(text)?.isHttps === true,
  'server-path': isServerPath,
  image: (text) => isImage(text),
  'path-or-url': (text) => isServerPath(text) || isPlainUrl(text),
  'ipv4-or-cidr': (text) => ipv4Number(text) !== undefined || parseCidr(text) !== undefined,
};

let validate: ValidateFunction | undefined;

/**
 * Checks the shape of an inventory against schema/site.schema.json and reports each fault at its place. What is at
 * fault is taken out of the inventory and marked as broken, so that the rest can still be checked, without noise.
 */
export function checkShape(inventory: ValueMap, report: Report): void {
  validate ??= compileSchema();
  if (validate(inventory)) return;
  const faults = new ShapeFaults(inventory, report);
  for (const error of validate.errors as ErrorObject[]) faults.add(error);
  faults.report();
}

function compileSchema(): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    messages: false,
    // The schema is compiled once and used once: what makes that fast counts, not what makes the check faster.
    code: { optimize: false },
  });
  ajv.addVocabulary(ANNOTATIONS);
  for (const [name, check] of Object.entries(FORMATS)) ajv.addFormat(name, check);
  // The files carry no $id, so that editors resolve their references as paths; ajv needs one for each.
  ajv.addSchema({
    ...schemaOf('harvester/config.schema.json'),
    $id: 'harvgen:/harvester/config.schema.json',
  });
  return ajv.compile({ ...schemaOf('site.schema.json'), $id: 'harvgen:/site.schema.json' });
}
