import type { ErrorObject } from 'ajv/dist/2020.js';
import { NEWEST_RELEASE } from '../knowledge/harvester.ts';
import {
  followManifest,
  isInRelease,
  type ManifestKind,
  type ManifestSchema,
  metadataSchema,
} from '../knowledge/manifest-kinds.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { type Path, pathText } from '../source/leaf.ts';
import {
  isBroken,
  isValueMap,
  keyLocationOf,
  locationOf,
  markBroken,
  markUnknownKey,
  takeOut,
  type Value,
  type ValueMap,
  writtenText,
} from '../source/origin.ts';
import { nearest } from '../values/text.ts';
import { isAtMost, type Version } from '../values/version.ts';
import { describeValue, isMisplacedSecret } from './describe-value.ts';

/** A reference whose value is missing, which has been reported. */
const UNFILLED = /\$\{(site:[A-Za-z]|node:)/;

const TEXT: ManifestSchema = { type: 'string' };

/** Returns the whole schema of a kind: of an unknown one, only that of its metadata, with any other key. */
function schemaOfKind(kind: ManifestKind | undefined): ManifestSchema {
  const { schema = { additionalProperties: true } as const } = kind ?? {};
  const properties = { apiVersion: TEXT, kind: TEXT, metadata: metadataSchema(), ...schema.properties };
  return { type: 'object', ...schema, properties, required: ['metadata', ...(schema.required ?? [])] };
}

/** Validates an object by the schema of its kind in a release, like `checkObject`. */
export function checkManifest(
  object: ValueMap,
  kind: ManifestKind | undefined,
  release: Version | undefined,
  report: Report,
): void {
  checkObject(object, String(object.kind), schemaOfKind(kind), release, report);
}

/**
 * Validates an object, with its name in messages, by a schema in a release. Reports each error at its source location; removes
 * invalid values and marks them as broken. Converts a text with a value of the site to the number that the schema requires.
 */
export function checkObject(
  object: ValueMap,
  name: string,
  schema: ManifestSchema,
  release: Version | undefined,
  report: Pick<Report, 'error'>,
): void {
  checkMap(object, schema, []);

  function checkMap(map: ValueMap, schema: ManifestSchema, path: Path): void {
    const { properties = {}, additionalProperties: others } = schema;
    for (const key of Object.keys(map)) {
      const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
      const part = own ? followManifest(own) : others;
      if (part === undefined) reportUnknown(map, key, schema, path);
      else if (part === true) continue;
      else if (own && release && !isInRelease(own, release)) reportRelease(map, key, own, path);
      else check(map, key, part, [...path, key]);
    }
    const inSome = Object.entries(schema['x-required-in'] ?? {}).flatMap(([key, releases]) =>
      release && isInRelease(releases, release) ? [key] : [],
    );
    for (const key of [...(schema.required ?? []), ...inSome]) {
      if (key in map || isBroken(map, key)) continue;
      markBroken(map, key);
      const at = path.length === 0 ? keyLocationOf(map, 'kind') : placeOf(path);
      report.error({
        code: 'missing-key',
        message: `${named(path)} lacks the key ${key}.`,
        at,
        help: `add ${key}`,
      });
    }
  }

  function check(
    container: ValueMap | Value[],
    key: string | number,
    given: ManifestSchema,
    path: Path,
  ): void {
    const schema = followManifest(given);
    const holder = container as ValueMap;
    const data = asNumber(holder, key, schema);
    if (data === null && schema.nullable) return;
    if (typeof data === 'string' && UNFILLED.test(data)) {
      takeOut(container, key);
      return;
    }
    const error = errorIn(data, schema, release);
    if (error) {
      const at = locationOf(holder, key as string);
      const written = data === null ? '' : writtenText(holder, key);
      const found = { instancePath: '', schemaPath: '', data, parentSchema: schema, ...error } as ErrorObject;
      const { message, help } = describeValue(found, named(path), written);
      const isType = error.keyword === 'type' || data === null;
      const code = isMisplacedSecret(found) ? 'secret-out-of-place' : isType ? 'wrong-type' : 'bad-value';
      report.error({ code, message, at, help });
      takeOut(container, key);
    } else if (Array.isArray(data)) {
      const { items } = schema;
      if (items) for (const index of data.keys()) check(data, index, items, [...path, index]);
    } else if (isValueMap(data)) checkMap(data, schema, path);
  }

  /** Returns a value; a text with a value of the site or node becomes the number or boolean that the schema requires. */
  function asNumber(container: ValueMap, key: string | number, { type }: ManifestSchema): Value {
    const value = container[key] as Value;
    if (typeof value !== 'string' || type === undefined || [type].flat().includes('string')) return value;
    if (!/\$\{(site|node):/.test(writtenText(container, key)) || !/^(\d+|true|false)$/.test(value))
      return value;
    container[key] = JSON.parse(value) as Value;
    return container[key];
  }

  function reportUnknown(map: ValueMap, key: string, { properties = {} }: ManifestSchema, path: Path): void {
    const allowed = Object.keys(properties).filter(
      (one) => !release || isInRelease(properties[one] ?? {}, release),
    );
    const meant =
      nearest(
        key,
        allowed.filter((one) => !(one in map)),
      ) ?? nearest(key, allowed);
    const isNewer = release && !isAtMost(release, NEWEST_RELEASE);
    if (meant === undefined) markUnknownKey(map);
    else if (!(meant in map)) markBroken(map, meant);
    report.error({
      code: 'unknown-key',
      message: `${named(path)} has no key ${key}${meant ? `: did you mean ${meant}?` : '.'}`,
      at: keyLocationOf(map, key),
      help:
        (allowed.length > 0 ? `allowed here: ${allowed.join(', ')}` : 'nothing can be set here') +
        (isNewer ? `; keys newer than ${NEWEST_RELEASE} are unknown` : ''),
    });
    delete map[key];
  }

  function reportRelease(map: ValueMap, key: string, own: ManifestSchema, path: Path): void {
    const { 'x-since': since, 'x-until': until } = own;
    const isNew = release && since !== undefined && isAtMost(release, since);
    report.error({
      code: 'unknown-key',
      message: `${named(path)} has no key ${key} in ${release?.text}: ${isNew ? `Harvester has it since ${since}` : `${until?.replace('-head', '')} was the last release with it`}.`,
      at: keyLocationOf(map, key),
      help: isNew ? 'remove it, or upgrade the cluster first' : 'remove it',
    });
    takeOut(map, key);
  }

  function placeOf(path: Path) {
    const above = path.slice(0, -1).reduce<ValueMap>((value, step) => value[step] as ValueMap, object);
    return keyLocationOf(above, path.at(-1) as string);
  }

  /** Returns the kind and the path of a key: `VlanConfig spec.uplink`. */
  function named(path: Path): string {
    return path.length === 0 ? name : `${name} ${pathText(path)}`;
  }
}

/** Returns the first error of a value by itself, like ajv. */
function errorIn(
  data: Value,
  schema: ManifestSchema,
  release: Version | undefined,
): Pick<ErrorObject, 'keyword' | 'params'> | undefined {
  const { type } = schema;
  if (type !== undefined && ![type].flat().some((one) => isOfType(data, one)))
    return { keyword: 'type', params: { type } };
  const allowed = schema.enum?.filter((value) => {
    const since = schema['x-since-values']?.[value];
    return !release || since === undefined || isInRelease({ 'x-since': since }, release);
  });
  if (allowed && !allowed.includes(data as string))
    return { keyword: 'enum', params: { allowedValues: allowed } };
  const limit = (keyword: keyof ManifestSchema, isWithin: (limit: number) => boolean) => {
    const value = schema[keyword];
    return typeof value === 'number' && !isWithin(value) ? { keyword, params: { limit: value } } : undefined;
  };
  if (typeof data === 'number')
    return limit('minimum', (least) => data >= least) ?? limit('maximum', (most) => data <= most);
  if (typeof data === 'string') {
    const { pattern } = schema;
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(data))
      return { keyword: 'pattern', params: { pattern } };
    return (
      limit('minLength', (least) => data.length >= least) ?? limit('maxLength', (most) => data.length <= most)
    );
  }
  if (Array.isArray(data))
    return (
      limit('minItems', (least) => data.length >= least) ?? limit('maxItems', (most) => data.length <= most)
    );
  return isValueMap(data) ? limit('maxProperties', (most) => Object.keys(data).length <= most) : undefined;
}

function isOfType(data: Value, type: string): boolean {
  if (type === 'integer') return Number.isInteger(data);
  if (type === 'array') return Array.isArray(data);
  return type === 'object' ? isValueMap(data) : typeof data === type;
}
