import type { ErrorObject } from 'ajv/dist/2020.js';
import { availability, replacementKey, usefulKeys } from '../knowledge/config-schema.ts';
import { NEWEST_RELEASE } from '../knowledge/harvester.ts';
import { isSettingWithSecrets } from '../knowledge/hide.ts';
import { type ConfigSchema, namedKeys, sitePart } from '../knowledge/schemas.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { pathText } from '../source/leaf.ts';
import {
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
import { referenceIn } from '../source/placeholders.ts';
import { locationKey, rangeAt, type Source, type SourceLocation } from '../source/source.ts';
import {
  moveKey,
  quote,
  renameKey,
  replaceText,
  replaceValue,
  safeFix,
  suggestedFix,
} from '../source/text-edit/fix.ts';
import { isTypoOf, nearest } from '../values/text.ts';
import { isAtMost, parseVersion, type Version } from '../values/version.ts';
import { describeValue, isMisplacedSecret } from './describe-value.ts';
import { validate } from './schema-validator.ts';
import { isFileOfSecrets } from './secrets.ts';

type Annotated = Record<string, unknown> & { properties?: Record<string, unknown> };

interface Spot {
  readonly container: ValueMap;
  readonly key: string;
}

/** Of several errors of a value, the one with the earliest keyword is reported. */
const VALUE_KEYWORDS = 'type enum const format pattern minimum maximum minItems minProperties'.split(' ');

/**
 * Validates an inventory against knowledge/site.schema.json and reports each error at its source location. Removes invalid values
 * and marks them as broken, so that further checks report no consequences of them.
 */
export function validateSchema(root: ValueMap, report: Report): void {
  if (validate(root)) return;
  // One diagnostic for each error, and none for its consequences.
  const values = new Map<string, ErrorObject>();
  const unknown: ErrorObject[] = [];
  const missing: ErrorObject[] = [];
  const names = new Map<string, ErrorObject>();
  /** The releases of the site's clusters, if they are readable: a suggestion must exist in one of them. */
  const releases = releasesOf(root);
  /** The files with an unknown key at the margin: each is searched for secrets once. */
  const searchedFiles = new Set<Source>();
  /** The keys below maps with unknown keys, by path. */
  const keysBelow = new Map<string, ReturnType<typeof namedKeys>>();
  /** The probable intentions of unknown keys, by the path of their map. */
  const meantKeys = new Set<string>();
  /** Errors of ranges of nodes that have been reported for the first node. */
  const reportedOfRanges = new Set<string>();

  for (const error of validate.errors as ErrorObject[]) add(error);
  for (const error of unknown) reportUnknown(error);
  for (const error of names.values()) reportName(error);
  for (const error of values.values()) reportValue(error);
  // An include that is broken could contain anything.
  const isIncludeBroken =
    meantKeys.has('/include') || [...values.keys()].some((path) => /^\/include(\/|$)/.test(path));
  for (const error of missing) reportMissing(error, isIncludeBroken);
  // From the inside out: values in an invalid map are invalid, too, when the map itself is removed.
  for (const instancePath of values.keys()) breakAt(instancePath);
  for (const error of [...unknown, ...names.values()]) remove(error);

  function add(error: ErrorObject): void {
    const { keyword, instancePath, propertyName } = error;
    // Removed from its list, for an error that has been reported.
    if (error.data === undefined) return;
    // Empty for the same reason.
    if (keyword === 'minProperties' && isBroken(error.data as ValueMap)) return;
    if (keyword === 'additionalProperties') unknown.push(error);
    else if (keyword === 'required') missing.push(error);
    else if (keyword === 'propertyNames')
      return; // its own errors, with propertyName, contain more
    else if (propertyName !== undefined) names.set(`${instancePath}/${propertyName}`, error);
    else if (rank(error) < (values.has(instancePath) ? rank(values.get(instancePath)) : Infinity)) {
      values.set(instancePath, error);
    }
  }

  /** Whether an error is in a range of nodes, and has been reported for another of them. */
  function isReportedOfRange(
    { keyword, instancePath, params, propertyName }: ErrorObject,
    at: SourceLocation,
  ): boolean {
    if (rangeAt(at) === undefined) return false;
    const below = instancePath.split('/').slice(3).join('/');
    const isName = propertyName === undefined ? '' : 'name';
    const key = [locationKey(at), keyword, below, isName, params.missingProperty].join(' ');
    if (reportedOfRanges.has(key)) return true;
    reportedOfRanges.add(key);
    return false;
  }

  function reportUnknown(error: ErrorObject): void {
    const map = valueAt(error.instancePath) as ValueMap;
    const name = String(error.params.additionalProperty);
    if (isReportedOfRange(error, keyLocationOf(map, name))) return;
    const schema = error.parentSchema as Annotated;
    const allowed = allowedKeys(schema);
    const renamed = (schema['x-renamed'] ?? {}) as Record<string, string>;
    const renamedTo = Object.hasOwn(renamed, name) ? served(renamed[name] as string, schema) : undefined;
    const unused = allowed.filter((key) => !(key in map));
    // YAML reads `{ mac:… }` and `{ mac … }` as a key without a value.
    const isAlone = map[name] === null || map[name] === undefined;
    const joined = isAlone
      ? allowed.find((key) => name.startsWith(key) && /^[:\s]/.test(name.slice(key.length)))
      : undefined;
    const near = renamedTo ?? joined ?? nearest(name, unused) ?? nearest(name, allowed);
    const inner = near === undefined ? keyBelow(name, map[name], error.instancePath) : undefined;
    const meant = near ?? inner;
    if (meant) meantKeys.add(`${error.instancePath}/${meant}`);
    if (!near) markUnknownKey(map);
    else if (!(near in map)) markBroken(map, near);
    const at = locationOf(map, name);
    // An unknown key may be from a file of secrets.
    if (map === root && !(near && isValueMap(map[name])) && !isReferring(map[name])) at.source.conceal(at);
    const lacking =
      name.charAt(joined?.length ?? 0) === ':'
        ? 'a blank is missing after its colon'
        : 'its colon is missing';
    const keyAt = keyLocationOf(map, name);
    if (joined !== undefined)
      report.error({
        code: 'unknown-key',
        message: `${named(error.instancePath)} has the key ${joined}, but ${lacking}: YAML reads the value as part of the key.`,
        at: keyAt,
        help: `write \`${joined}: value\``,
        fix: safeFix(splitKey(keyAt, joined)),
      });
    else
      report.error({
        code: 'unknown-key',
        message: `${named(error.instancePath)} has no key ${name}${meant ? `: did you mean ${meant}?` : '.'}`,
        at: keyAt,
        help:
          (allowed.length > 0 ? `allowed here: ${allowed.join(', ')}` : 'nothing can be set here') +
          limit(schema) +
          (map === root ? misplaced(keyAt) : ''),
        fix:
          near === undefined
            ? inner === undefined
              ? undefined
              : suggestedFix(moveKey(map, name, inner.split('.')))
            : near in map
              ? undefined
              : (renamedTo || isTypoOf(name, near, allowed) ? safeFix : suggestedFix)(renameKey(keyAt, near)),
      });
  }

  /** Returns the only key of a name below the keys of a map, such as config.os for os; for a map, only one of a map. */
  function keyBelow(name: string, value: Value | undefined, instancePath: string): string | undefined {
    const part = sitePart(tokens(instancePath));
    const below = keysBelow.get(instancePath) ?? (part ? namedKeys(part) : []);
    keysBelow.set(instancePath, below);
    const found = new Set<string>();
    for (const { path } of below) {
      const end = path.indexOf(name) + 1;
      const isMap = end < path.length && typeof path[end] === 'string';
      if (
        end > 1 &&
        isMap === isValueMap(value) &&
        path.slice(0, end).every((step) => typeof step === 'string')
      )
        found.add(pathText(path.slice(0, end)));
    }
    return found.size === 1 ? [...found][0] : undefined;
  }

  /** Returns, once for a file, a help text if it probably contains secrets. */
  function misplaced({ source }: SourceLocation): string {
    if (searchedFiles.has(source)) return '';
    searchedFiles.add(source);
    if (!isFileOfSecrets(source.file, source.text)) return '';
    return '; this looks like a file of secrets: move it out of the site';
  }

  /** Returns a help text for releases newer than the newest known one, which may have more keys. */
  function limit(schema: Annotated): string {
    const isConfig = Object.values(schema.properties ?? {}).some((key) => (key as ConfigSchema)['x-since']);
    const newer = releases.find((release) => !isAtMost(release, NEWEST_RELEASE));
    return isConfig && newer ? `; keys newer than ${NEWEST_RELEASE} are unknown` : '';
  }

  /** Returns the keys that a map allows; for Harvester's configuration, those that a release of the site supports and uses. */
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
    if (isReportedOfRange(error, keyLocationOf(map, name))) return;
    const at = keyLocationOf(map, name);
    const { message, help, meant } = describeValue({ ...error, data: name }, named(error.instancePath));
    const isFree = typeof meant === 'object' && !(String(meant.value) in map);
    const fix = isFree ? suggestedFix(renameKey(at, String(meant.value))) : undefined;
    report.error({ code: 'bad-name', message, at, help, fix });
  }

  function reportMissing(error: ErrorObject, isIncludeBroken: boolean): void {
    const map = valueAt(error.instancePath) as ValueMap;
    const key = String(error.params.missingProperty);
    if (isBroken(map, key)) return; // removed, for an error that has been reported
    markBroken(map, key);
    if (
      isIncludeBroken ||
      meantKeys.has(`${error.instancePath}/${key}`) ||
      values.has(error.instancePath) ||
      isReportedOfRange(error, keyLocation(error.instancePath))
    )
      return;
    const hints = (error.parentSchema as Annotated)['x-missing'] as Record<string, string> | undefined;
    report.error({
      code: 'missing-key',
      message: `${named(error.instancePath)} lacks the key ${key}.`,
      at: keyLocation(error.instancePath),
      help: hints?.[key] ?? `add ${key}`,
    });
  }

  function reportValue(error: ErrorObject): void {
    const spot = spotOf(error.instancePath);
    const at = spot ? locationOf(spot.container, spot.key) : selfLocation(root);
    if (isReportedOfRange(error, at)) return;
    const written = at.source.text.slice(at.start, at.end);
    // A value that belongs in a secret may be one, whatever its type is.
    const path = tokens(error.instancePath);
    const mayBeSecret =
      (error.parentSchema as ConfigSchema)['x-secret'] ||
      isSettingWithSecrets(path.slice(path.indexOf('config')));
    if (mayBeSecret && error.data !== null) at.source.conceal(at);
    const { message, help, meant } = describeValue(error, named(error.instancePath), written);
    const isPlain = !/^[*"']|\n/.test(written);
    report.error({
      code: isMisplacedSecret(error)
        ? 'secret-out-of-place'
        : error.keyword === 'type' || error.data === null
          ? 'wrong-type'
          : 'bad-value',
      message,
      at,
      help: error.data === null ? `${help}${below(path)}${unread(at)}` : help,
      fix:
        meant === 'quotes'
          ? isPlain
            ? safeFix(quote(at))
            : undefined
          : meant && (meant.isSure ? safeFix : suggestedFix)(replaceValue(at, meant.value)),
    });
  }

  /** Returns a help text where an empty value probably should remove a default, which layers cannot do. */
  function below([section, , ...keys]: readonly string[]): string {
    if (section !== 'nodes' && section !== 'profiles') return '';
    const inherited = keys.reduce<Value | undefined>(
      (value, key) => (isValueMap(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      root.defaults,
    );
    if (inherited === undefined || inherited === null) return '';
    return '; an empty value does not remove a default: set the default in a profile, for the nodes that need it';
  }

  /** Returns a help text where YAML reads a value as an anchor or a comment. `at` is the location of the key. */
  function unread({ source, end }: SourceLocation): string {
    const isUnread = /^["']?[ \t]*:[ \t]+[&#]\S/.test(source.text.slice(end, end + 20));
    return isUnread ? '; a text that begins with & or # must be in quotes' : '';
  }

  function remove(error: ErrorObject): void {
    const map = valueAt(error.instancePath) as ValueMap;
    if (!map) return;
    delete map[String(error.params.additionalProperty ?? error.propertyName)];
    // The entry exists, although its name is invalid.
    if (error.propertyName !== undefined) markBroken(map, error.propertyName);
  }

  function breakAt(instancePath: string): void {
    const spot = spotOf(instancePath);
    if (spot) takeOut(spot.container, spot.key);
  }

  /** Returns the location for an error of a whole map: the key that contains it, or the first key of the root. */
  function keyLocation(instancePath: string): SourceLocation {
    const spot = spotOf(instancePath);
    if (spot) return keyLocationOf(spot.container, spot.key);
    const [first] = Object.keys(root);
    return first === undefined ? selfLocation(root) : keyLocationOf(root, first);
  }

  /** Returns a path such as nics[0].name: a key of a list is a number, but a key of a map only looks like one. */
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

/** Returns a change that separates a key from its value, where `mac:52:54…` or `mac 52:54…` is one key. */
function splitKey(at: SourceLocation, key: string) {
  const { source, start, end } = at;
  const value = source.text.slice(start + key.length, end).replace(/^[:\s]\s*/, '');
  return replaceText(`write \`${key}: value\``, { at, text: `${key}: ${value}` });
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

/** Returns the releases that an inventory installs, as far as they are readable before validation. */
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
