import { NEWEST_RELEASE } from '../knowledge/harvester.ts';
import { followManifest, isInRelease } from '../knowledge/manifest-kinds.ts';
import type { ManifestSchema } from '../knowledge/manifest-schema.ts';
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
import { removeKey, renameKey, safeFix, suggestedFix } from '../source/text-edit/fix.ts';
import { isTypoOf, nearest, shownKey } from '../values/text.ts';
import { isAtMost, type Version } from '../values/version.ts';
import { describeValue, isMisplacedSecret } from './describe-value.ts';
import { violationIn } from './schema-errors.ts';

/** A reference whose value is missing, which has been reported. */
const UNFILLED = /\$\{(site:[A-Za-z]|node:)/;

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
      else if (own && !isIn(own)) reportRelease(map, key, own, path);
      else check(map, key, part, [...path, key]);
    }
    const inSome = Object.entries(schema['x-required-in'] ?? {}).flatMap(([key, releases]) =>
      release && isIn(releases) ? [key] : [],
    );
    for (const key of [...(schema.required ?? []), ...inSome]) {
      if (key in map || isBroken(map, key)) continue;
      markBroken(map, key);
      const message = `${named(path)} lacks the key ${key}.`;
      report.error({ code: 'missing-key', message, at: placeOf(path), help: `add ${key}` });
    }
  }

  function check(container: object, key: string | number, given: ManifestSchema, path: Path): void {
    const schema = followManifest(given);
    const holder = container as ValueMap;
    const data = asNumber(holder, key, schema);
    if (data === null && schema.nullable) return;
    if (typeof data === 'string' && UNFILLED.test(data)) {
      takeOut(container, key);
      return;
    }
    const { 'x-since-values': since = {} } = schema;
    const allowed = schema.enum?.filter(
      (value) => since[value] === undefined || isIn({ 'x-since': since[value] }),
    );
    const error = violationIn(data, schema, allowed);
    if (error) {
      const written = data === null ? '' : writtenText(holder, key);
      const found = { ...error, data, schema, path: [] };
      const isType = error.keyword === 'type' || data === null;
      const code = isMisplacedSecret(found) ? 'secret-out-of-place' : isType ? 'wrong-type' : 'bad-value';
      const at = locationOf(holder, key as string);
      report.error({ code, ...describeValue(found, named(path), written), at });
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

  function reportUnknown(map: ValueMap, key: string, schema: ManifestSchema, path: Path): void {
    const { properties = {}, 'x-renamed': renamed = {} } = schema;
    const allowed = Object.keys(properties).filter((key) => isIn(properties[key] ?? {}));
    const unused = allowed.filter((key) => !(key in map));
    const other = Object.hasOwn(renamed, key) ? renamed[key] : undefined;
    const meant = other ?? nearest(key, unused) ?? nearest(key, allowed);
    const isNewer = release && !isAtMost(release, NEWEST_RELEASE);
    if (meant === undefined) markUnknownKey(map);
    else if (!(meant in map)) markBroken(map, meant);
    report.error({
      code: 'unknown-key',
      message: `${named(path)} has no key ${shownKey(key)}${meant ? `: did you mean ${meant}?` : '.'}`,
      at: keyLocationOf(map, key),
      fix:
        meant && !(meant in map)
          ? (other || isTypoOf(key, meant, allowed) ? safeFix : suggestedFix)(
              renameKey(keyLocationOf(map, key), meant),
            )
          : undefined,
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
      fix: (isNew ? suggestedFix : safeFix)(removeKey(map, key)),
      help: isNew ? 'remove it, or upgrade the cluster first' : 'remove it',
    });
    takeOut(map, key);
  }

  function placeOf(path: Path) {
    const above = path.slice(0, -1).reduce<ValueMap>((value, step) => value[step] as ValueMap, object);
    return keyLocationOf(above, (path.at(-1) as string | undefined) ?? 'kind');
  }

  /** Returns the kind and the path of a key: `VlanConfig spec.uplink`. */
  function named(path: Path): string {
    return path.length === 0 ? name : `${name} ${pathText(path)}`;
  }

  function isIn(releases: Pick<ManifestSchema, 'x-since' | 'x-until'>): boolean {
    return !release || isInRelease(releases, release);
  }
}
