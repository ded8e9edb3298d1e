import type { ErrorObject } from 'ajv/dist/2020.js';
import { availability, replacementKey, usefulKeys } from '../knowledge/config-schema.ts';
import { NEWEST_RELEASE } from '../knowledge/harvester.ts';
import { isSettingWithSecrets } from '../knowledge/hide.ts';
import type { ConfigSchema } from '../knowledge/schemas.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { pathText } from '../source/leaf.ts';
import { referenceIn } from '../source/marks.ts';
import {
  brokenKeys,
  isBroken,
  isValueMap,
  keyLocationOf,
  locationOf,
  markBroken,
  markUnknownKey,
  selfLocation,
  takeOut,
  type Value,
  type ValueMap,
} from '../source/origin.ts';
import { locationKey, rangeAt, type Source, type SourceLocation } from '../source/source.ts';
import { nearest } from '../values/text.ts';
import { isAtMost, parseVersion, type Version } from '../values/version.ts';
import { describeValue, isMisplacedSecret } from './describe-value.ts';
import { isFileOfSecrets } from './secrets.ts';
import { validate } from './shape-validator.ts';

type Annotated = Record<string, unknown> & { properties?: Record<string, unknown> };

interface Spot {
  readonly container: ValueMap;
  readonly key: string;
}

/** What is most worth saying about a value with several faults comes first. */
const VALUE_KEYWORDS = 'type enum const format pattern minimum maximum minItems minProperties'.split(' ');

/**
 * Checks the shape of an inventory against schema/site.schema.json and reports each fault at its place. What is at
 * fault is taken out of the inventory and marked as broken, so that the rest can still be checked, without noise.
 */
export function validateSchema(root: ValueMap, report: Report): void {
  if (validate(root)) return;
  // One diagnostic for each fault, none for what follows from another.
  const values = new Map<string, ErrorObject>();
  const unknown: ErrorObject[] = [];
  const missing: ErrorObject[] = [];
  const names = new Map<string, ErrorObject>();
  /** The releases of the site's clusters, where they can be read: what is suggested should exist in one of them. */
  const releases = releasesOf(root);
  const judged = new Set<Source>();
  /** Keys that an unknown key was most probably meant for, by the path of their map. */
  const meantKeys = new Set<string>();
  /** Faults of ranges of nodes: what is wrong with all of them is said of the first. */
  const saidOfRanges = new Set<string>();

  for (const error of validate.errors as ErrorObject[]) add(error);
  for (const error of unknown) reportUnknown(error);
  for (const error of names.values()) reportName(error);
  for (const error of values.values()) reportValue(error);
  // Whether something should be included that cannot be: it could have said anything.
  const isIncludeBroken =
    meantKeys.has('/include') || [...values.keys()].some((path) => /^\/include(\/|$)/.test(path));
  for (const error of missing) reportMissing(error, isIncludeBroken);
  // From the inside out: what is in a map is at fault, too, where the map itself is taken away.
  for (const instancePath of values.keys()) breakAt(instancePath);
  for (const error of [...unknown, ...names.values()]) remove(error);

  function add(error: ErrorObject): void {
    const { keyword, instancePath, propertyName } = error;
    // Taken out of its list, for a fault that has been said.
    if (error.data === undefined) return;
    // Empty for the same reason.
    if (keyword === 'minProperties' && brokenKeys(error.data as ValueMap).length > 0) return;
    if (keyword === 'additionalProperties') unknown.push(error);
    else if (keyword === 'required') missing.push(error);
    else if (keyword === 'propertyNames')
      return; // its own errors, with propertyName, say more
    else if (propertyName !== undefined) names.set(`${instancePath}/${propertyName}`, error);
    else if (rank(error) < (values.has(instancePath) ? rank(values.get(instancePath)) : Infinity)) {
      values.set(instancePath, error);
    }
  }

  /** Whether a fault is in what a range of nodes says, and has been said of another of them. */
  function isSaidOfRange(
    { keyword, instancePath, params, propertyName }: ErrorObject,
    at: SourceLocation,
  ): boolean {
    if (rangeAt(at) === undefined) return false;
    const below = instancePath.split('/').slice(3).join('/');
    const isName = propertyName === undefined ? '' : 'name';
    const key = [locationKey(at), keyword, below, isName, params.missingProperty].join(' ');
    if (saidOfRanges.has(key)) return true;
    saidOfRanges.add(key);
    return false;
  }

  function reportUnknown(error: ErrorObject): void {
    const map = valueAt(error.instancePath) as ValueMap;
    const name = String(error.params.additionalProperty);
    if (isSaidOfRange(error, keyLocationOf(map, name))) return;
    const schema = error.parentSchema as Annotated;
    const allowed = allowedKeys(schema);
    const renamed = (schema['x-renamed'] ?? {}) as Record<string, string>;
    const renamedTo = Object.hasOwn(renamed, name) ? served(renamed[name] as string, schema) : undefined;
    const meant =
      renamedTo ??
      nearest(
        name,
        allowed.filter((key) => !(key in map)),
      ) ??
      nearest(name, allowed);
    if (meant) meantKeys.add(`${error.instancePath}/${meant}`);
    if (!meant) markUnknownKey(map);
    else if (!(meant in map)) markBroken(map, meant);
    const at = locationOf(map, name);
    // What an inventory does not know may be of a file of secrets.
    if (map === root && !(meant && isValueMap(map[name])) && !isReferring(map[name])) at.source.conceal(at);
    report.error({
      code: 'unknown-key',
      message: `${named(error.instancePath)} has no key ${name}${meant ? `: did you mean ${meant}?` : '.'}`,
      at: keyLocationOf(map, name),
      help:
        (allowed.length > 0 ? `allowed here: ${allowed.join(', ')}` : 'nothing can be set here') +
        limit(schema) +
        (map === root ? misplaced(keyLocationOf(map, name)) : ''),
    });
  }

  /** Says, once for a file, that it looks like one of secrets. */
  function misplaced({ source }: SourceLocation): string {
    if (judged.has(source) || !isFileOfSecrets(source.file, source.text)) return '';
    judged.add(source);
    return '; a file of secrets lies in the site: keep it elsewhere';
  }

  /** Of a release that came later, keys may be missing here: says so. */
  function limit(schema: Annotated): string {
    const isConfig = Object.values(schema.properties ?? {}).some((key) => (key as ConfigSchema)['x-since']);
    const newer = releases.find((release) => !isAtMost(release, NEWEST_RELEASE));
    return isConfig && newer ? `; keys that came after ${NEWEST_RELEASE} are not known` : '';
  }

  /** The keys that a map takes; of Harvester's configuration, those that a release of the site has and uses. */
  function allowedKeys(schema: Annotated): string[] {
    if (releases.length === 0) return Object.keys(schema.properties ?? {});
    return [...new Set(releases.flatMap((release) => usefulKeys(schema as ConfigSchema, release)))];
  }

  function served(key: string, schema: Annotated): string | undefined {
    const target = (schema as ConfigSchema).properties?.[key];
    const has = releases.some((release) => target && availability(target, release) === 'present');
    if (!target || has) return key;
    const others = releases.map((release) => replacementKey(target, schema as ConfigSchema, release));
    return others.find((other) => other !== undefined) ?? key;
  }

  function reportName(error: ErrorObject): void {
    const map = valueAt(error.instancePath) as ValueMap;
    const name = String(error.propertyName);
    if (isSaidOfRange(error, keyLocationOf(map, name))) return;
    const { message, help } = describeValue({ ...error, data: name }, named(error.instancePath));
    report.error({ code: 'bad-name', message, at: keyLocationOf(map, name), help });
  }

  function reportMissing(error: ErrorObject, isIncludeBroken: boolean): void {
    const map = valueAt(error.instancePath) as ValueMap;
    const key = String(error.params.missingProperty);
    if (isBroken(map, key)) return; // taken out, for a fault that has been said
    markBroken(map, key);
    if (
      isIncludeBroken ||
      meantKeys.has(`${error.instancePath}/${key}`) ||
      values.has(error.instancePath) ||
      isSaidOfRange(error, keyPlace(error.instancePath))
    )
      return;
    const hints = (error.parentSchema as Annotated)['x-missing'] as Record<string, string> | undefined;
    report.error({
      code: 'missing-key',
      message: `${named(error.instancePath)} lacks the key ${key}.`,
      at: keyPlace(error.instancePath),
      help: hints?.[key] ?? `add ${key}`,
    });
  }

  function reportValue(error: ErrorObject): void {
    const spot = spotOf(error.instancePath);
    const at = spot ? locationOf(spot.container, spot.key) : selfLocation(root);
    if (isSaidOfRange(error, at)) return;
    const written = at.source.text.slice(at.start, at.end);
    // What belongs in a secret may be one, of whatever type it is.
    const path = tokens(error.instancePath);
    const mayBeSecret =
      (error.parentSchema as ConfigSchema)['x-secret'] ||
      isSettingWithSecrets(path.slice(path.indexOf('config')));
    if (mayBeSecret && error.data !== null) at.source.conceal(at);
    const { message, help } = describeValue(error, named(error.instancePath), written);
    report.error({
      code: isMisplacedSecret(error)
        ? 'secret-out-of-place'
        : error.keyword === 'type' || error.data === null
          ? 'wrong-type'
          : 'bad-value',
      message,
      at,
      help: error.data === null ? `${help}${below(path)}` : help,
    });
  }

  /** What to do where no value is meant to take away what the defaults say, which layers cannot do. */
  function below([section, , ...keys]: readonly string[]): string {
    if (section !== 'nodes' && section !== 'profiles') return '';
    const said = keys.reduce<Value | undefined>(
      (value, key) => (isValueMap(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      root.defaults,
    );
    if (said === undefined || said === null) return '';
    return '; no value takes away what defaults say: write that in a profile, for the nodes that are to have it';
  }

  function remove(error: ErrorObject): void {
    const map = valueAt(error.instancePath) as ValueMap;
    if (!map) return;
    delete map[String(error.params.additionalProperty ?? error.propertyName)];
    // A thing whose name is at fault is there all the same.
    if (error.propertyName !== undefined) markBroken(map, error.propertyName);
  }

  function breakAt(instancePath: string): void {
    const spot = spotOf(instancePath);
    if (spot) takeOut(spot.container, spot.key);
  }

  /** The place to name for a fault of a whole map: the key that holds it, the first key at the root. */
  function keyPlace(instancePath: string): SourceLocation {
    const spot = spotOf(instancePath);
    if (spot) return keyLocationOf(spot.container, spot.key);
    const [first] = Object.keys(root);
    return first === undefined ? selfLocation(root) : keyLocationOf(root, first);
  }

  /** A path as one would say it, nics[0].name: a key of a list is a number, and one of a map may look like one. */
  function named(instancePath: string): string {
    let at: Value | undefined = root;
    const path = tokens(instancePath).map((step) => {
      const isIndex = Array.isArray(at);
      at = (at as ValueMap | undefined)?.[step];
      return isIndex ? Number(step) : step;
    });
    return pathText(path) || 'The inventory';
  }

  function valueAt(instancePath: string): Value {
    return tokens(instancePath).reduce<Value>((value, key) => (value as ValueMap)?.[key] as Value, root);
  }

  function spotOf(instancePath: string): Spot | undefined {
    const path = tokens(instancePath);
    const key = path.pop();
    if (key === undefined) return undefined;
    const container = path.reduce<Value>((value, step) => (value as ValueMap)?.[step] as Value, root);
    return container ? { container: container as ValueMap, key } : undefined;
  }
}

function isReferring(value: Value | undefined): boolean {
  return typeof value === 'string' && referenceIn(value) !== undefined;
}

function rank(error: ErrorObject | undefined): number {
  const index = VALUE_KEYWORDS.indexOf(error?.keyword ?? '');
  return index < 0 ? VALUE_KEYWORDS.length : index;
}

function tokens(instancePath: string): string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The releases that an inventory installs, as far as they can be read before its shape is known to be right. */
function releasesOf(root: ValueMap): Version[] {
  const clusters = [root.cluster, ...(isValueMap(root.clusters) ? Object.values(root.clusters) : [])].filter(
    isValueMap,
  );
  const own = clusters.map((cluster) => versionIn(cluster));
  const all = own.length === 0 || own.includes(undefined) ? [versionIn(root), ...own] : own;
  return all.flatMap((text) => (typeof text === 'string' ? (parseVersion(text) ?? []) : []));
}

function versionIn(map: ValueMap): unknown {
  return isValueMap(map.harvester) ? map.harvester.version : undefined;
}
