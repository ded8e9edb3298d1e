import { isIPv6 } from 'node:net';
import { type ConfigSchema, followIn, type Part, siteSchema } from '../knowledge/schemas.ts';
import type { Path } from '../source/leaf.ts';
import { isBroken, isValueMap, type Value, type ValueMap } from '../source/origin.ts';
import { ipv4Number, isIpv6OrCidr, parseAddressOrCidr, parseCidr, parseRange } from '../values/addresses.ts';
import { parseMac } from '../values/identifiers.ts';
import { isHost, isImage, isPlainUrl, isServerPath, parseServerUrl } from '../values/urls.ts';

/** Formats of the schemas that a regular expression cannot check; the parser of each type checks them. */
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
  'ipv4-or-cidr': (text) => parseAddressOrCidr(text) !== undefined,
  'ip-or-cidr': (text) => parseAddressOrCidr(text) !== undefined || isIpv6OrCidr(text),
  'ip-or-name': (text) => isHost(text) || isIPv6(text),
};

/** A JSON Schema without what it requires of values inside, and the annotations that messages need. */
export interface ValueSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly not?: ValueSchema;
  readonly 'x-expects'?: string;
  readonly 'x-helps'?: Readonly<Record<string, string>>;
  /** Other names of an allowed value, in lower case, without hyphens: `lacp` for 802.3ad. */
  readonly 'x-meant'?: Readonly<Record<string, string>>;
  readonly 'x-secret'?: boolean;
}

/** The keyword of a schema that a value violates, with its parameters. */
export interface Violation {
  readonly keyword: string;
  readonly params: {
    readonly type?: string | readonly string[];
    readonly allowedValues?: readonly unknown[];
    readonly format?: string;
    readonly pattern?: string;
    readonly limit?: number;
  };
}

/** An error in a value. */
export interface ValueError extends Violation {
  readonly data: unknown;
  readonly schema: ValueSchema;
  readonly path: Path;
}

/** An error in the value of a key or in an entry of a list; the root of an inventory has no holder. */
export interface HeldError extends ValueError {
  readonly holder: ValueMap | undefined;
}

/** An error of a map: a key that it lacks, one that its schema does not have, or one with an invalid name. */
export interface KeyError {
  readonly map: ValueMap;
  readonly key: string;
  readonly schema: MapSchema;
  /** The path of the map. */
  readonly path: Path;
  readonly holder: ValueMap | undefined;
}

type MapSchema = ConfigSchema & { readonly 'x-missing'?: Readonly<Record<string, string>> };

/** The errors of an inventory, each kind in the order of the inventory. */
export interface SchemaErrors {
  readonly values: HeldError[];
  readonly missing: KeyError[];
  readonly unknown: KeyError[];
  readonly names: (KeyError & { readonly error: ValueError })[];
}

/** A path, innermost step first: most values have no error, and need no list of steps. */
interface Steps {
  readonly step: string | number;
  readonly above: Steps | undefined;
}

function pathOf(steps: Steps | undefined): Path {
  const path: (string | number)[] = [];
  for (let at = steps; at; at = at.above) path.unshift(at.step);
  return path;
}

/** Returns the errors of an inventory by knowledge/site.schema.json. Skips values that were removed for another error. */
export function schemaErrors(root: ValueMap): SchemaErrors {
  const errors: SchemaErrors = { values: [], missing: [], unknown: [], names: [] };
  checkValue(root, siteSchema(), undefined, undefined);
  return errors;

  function checkValue(
    data: Value | undefined,
    part: Part,
    steps: Steps | undefined,
    holder: ValueMap | Value[] | undefined,
  ): void {
    if (data === undefined) return;
    const { schema, file } = part;
    const error = violationIn(data, schema);
    const isEmptied = error?.keyword === 'minProperties' && isBroken(data as ValueMap);
    if (error && !isEmptied)
      errors.values.push({ ...error, data, schema, path: pathOf(steps), holder: holder as ValueMap });
    if (error?.keyword === 'type') return;
    if (isValueMap(data)) checkMap(data, part, steps, holder as ValueMap);
    else if (Array.isArray(data) && schema.items) {
      const items = followIn(file, schema.items);
      for (const [index, item] of data.entries())
        checkValue(item, items, { step: index, above: steps }, data);
    }
  }

  function checkMap(
    map: ValueMap,
    { schema, file }: Part,
    steps: Steps | undefined,
    holder: ValueMap | undefined,
  ): void {
    const { properties = {}, additionalProperties: others, propertyNames, required = [] } = schema;
    const names = propertyNames && followIn(file, propertyNames).schema;
    const errorAt = (key: string): KeyError => ({ map, key, schema, path: pathOf(steps), holder });
    for (const key of required) if (map[key] === undefined) errors.missing.push(errorAt(key));
    for (const key of Object.keys(map)) {
      const name = names && violationIn(key, names);
      if (names && name) {
        const error = { ...name, data: key, schema: names, path: pathOf(steps) };
        errors.names.push({ ...errorAt(key), error });
      }
      const part = Object.hasOwn(properties, key) ? properties[key] : others;
      if (part === false) errors.unknown.push(errorAt(key));
      else if (typeof part === 'object')
        checkValue(map[key], followIn(file, part), { step: key, above: steps }, map);
    }
  }
}

/** The keywords that limit values of a type, and the number that they compare. */
interface Limits {
  readonly least: 'minimum' | 'minLength' | 'minItems' | 'minProperties';
  readonly most: 'maximum' | 'maxLength' | 'maxItems' | 'maxProperties';
  readonly sizeOf: (data: Value) => number;
}

const OF_NUMBERS: Limits = { least: 'minimum', most: 'maximum', sizeOf: Number };
const OF_TEXTS: Limits = {
  least: 'minLength',
  most: 'maxLength',
  sizeOf: (data) => [...(data as string)].length,
};
const OF_LISTS: Limits = { least: 'minItems', most: 'maxItems', sizeOf: (data) => (data as Value[]).length };
const OF_MAPS: Limits = {
  least: 'minProperties',
  most: 'maxProperties',
  sizeOf: (data) => Object.keys(data as ValueMap).length,
};

function limitsOf(data: Value): Limits | undefined {
  if (typeof data === 'string') return OF_TEXTS;
  if (typeof data === 'number') return OF_NUMBERS;
  return Array.isArray(data) ? OF_LISTS : isValueMap(data) ? OF_MAPS : undefined;
}

/** Returns the first error of a value by itself; `allowed` replaces the values of its schema. */
export function violationIn(
  data: Value,
  schema: ValueSchema,
  allowed: readonly unknown[] | undefined = schema.enum,
): Violation | undefined {
  const { type, pattern, format, not } = schema;
  if (
    type !== undefined &&
    !(typeof type === 'string' ? isOfType(data, type) : type.some((type) => isOfType(data, type)))
  )
    return { keyword: 'type', params: { type } };
  if (allowed && !allowed.includes(data)) return { keyword: 'enum', params: { allowedValues: allowed } };
  if (typeof data === 'string') {
    if (format !== undefined && FORMATS[format]?.(data) === false)
      return { keyword: 'format', params: { format } };
    if (pattern !== undefined && !patternOf(pattern).test(data))
      return { keyword: 'pattern', params: { pattern } };
  }
  const limits = limitsOf(data);
  const [least, most] = limits ? [schema[limits.least], schema[limits.most]] : [];
  if (limits && least !== undefined && limits.sizeOf(data) < least)
    return { keyword: limits.least, params: { limit: least } };
  if (limits && most !== undefined && limits.sizeOf(data) > most)
    return { keyword: limits.most, params: { limit: most } };
  return not && !violationIn(data, not) ? { keyword: 'not', params: {} } : undefined;
}

const patterns = new Map<string, RegExp>();

/** Returns the regular expression of a pattern; compiled once for each. */
export function patternOf(text: string): RegExp {
  const pattern = patterns.get(text) ?? new RegExp(text, 'u');
  patterns.set(text, pattern);
  return pattern;
}

function isOfType(data: Value, type: string): boolean {
  if (type === 'integer') return Number.isInteger(data);
  if (type === 'number') return Number.isFinite(data);
  if (type === 'null') return data === null;
  if (type === 'array') return Array.isArray(data);
  return type === 'object' ? isValueMap(data) : typeof data === type;
}
