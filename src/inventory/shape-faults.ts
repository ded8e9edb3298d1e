import type { ErrorObject } from 'ajv/dist/2020.js';
import { availability, usefulKeys } from '../knowledge/harvester/availability.ts';
import type { ConfigSchema } from '../knowledge/harvester/config-schema.ts';
import { instead } from '../knowledge/harvester/instead.ts';
import { isSettingWithSecrets } from '../knowledge/hide.ts';
import { NEWEST_RELEASE } from '../knowledge/tables/harvester-releases.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { pathText } from '../source/leaf.ts';
import { referenceIn } from '../source/marks.ts';
import {
  brokenKeys,
  isBroken,
  keyPlaceOf,
  markBroken,
  markStranger,
  type Place,
  placeKey,
  placeOf,
  rangeAt,
  type Source,
  selfPlace,
} from '../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../source/value.ts';
import { nearest } from '../values/nearest.ts';
import { isAtMost, parseVersion, type Version } from '../values/version.ts';
import { describeValue, isMisplacedSecret } from './describe-value.ts';
import { isFileOfSecrets } from './strangers.ts';

type Annotated = Record<string, unknown> & { properties?: Record<string, unknown> };

/** A value in the inventory: the map or list that holds it, and its key there. */
interface Spot {
  readonly container: ValueMap;
  readonly key: string;
}

/** What is most worth saying about a value with several faults comes first. */
const VALUE_KEYWORDS = [
  'type',
  'enum',
  'const',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minItems',
  'minProperties',
];

/** Turns what ajv found into diagnostics: one for each fault, none for what follows from another. */
export class ShapeFaults {
  readonly #root: ValueMap;
  readonly #report: Report;
  readonly #values = new Map<string, ErrorObject>();
  readonly #unknown: ErrorObject[] = [];
  readonly #missing: ErrorObject[] = [];
  readonly #names = new Map<string, ErrorObject>();
  /** The releases of the site's clusters, where they can be read: what is suggested should exist in one of them. */
  readonly #releases: readonly Version[];
  /** The files that have been said to look like files of secrets. */
  readonly #judged = new Set<Source>();
  /** Keys that an unknown key was most probably meant for, by the path of their map. */
  readonly #meant = new Set<string>();
  /** Faults of ranges of nodes: what is wrong with all of them is said of the first. */
  readonly #saidOfRanges = new Set<string>();

  constructor(root: ValueMap, report: Report) {
    this.#root = root;
    this.#report = report;
    this.#releases = releasesOf(root);
  }

  /** Takes one error of ajv's (with `verbose` on). */
  add(error: ErrorObject): void {
    const { keyword, instancePath, propertyName } = error;
    // Taken out of its list, for a fault that has been said.
    if (error.data === undefined) return;
    // Empty for the same reason.
    if (keyword === 'minProperties' && brokenKeys(error.data as ValueMap).length > 0) return;
    if (keyword === 'additionalProperties') this.#unknown.push(error);
    else if (keyword === 'required') this.#missing.push(error);
    else if (keyword === 'propertyNames')
      return; // its own errors, with propertyName, say more
    else if (propertyName !== undefined) this.#names.set(`${instancePath}/${propertyName}`, error);
    else if (
      rank(error) < (this.#values.has(instancePath) ? rank(this.#values.get(instancePath)) : Infinity)
    ) {
      this.#values.set(instancePath, error);
    }
  }

  /** Whether a fault is in what a range of nodes says, and has been said of another of them. */
  #isSaidOfRange({ keyword, instancePath, params, propertyName }: ErrorObject, at: Place): boolean {
    if (rangeAt(at) === undefined) return false;
    const below = instancePath.split('/').slice(3).join('/');
    const isName = propertyName === undefined ? '' : 'name';
    const key = [placeKey(at), keyword, below, isName, params.missingProperty].join(' ');
    if (this.#saidOfRanges.has(key)) return true;
    this.#saidOfRanges.add(key);
    return false;
  }

  /** Whether something should be included that cannot be: it could have said anything. */
  get #isIncludeBroken(): boolean {
    return (
      this.#meant.has('/include') || [...this.#values.keys()].some((path) => /^\/include(\/|$)/.test(path))
    );
  }

  /** Reports what was taken, and takes what is at fault out of the inventory. */
  report(): void {
    for (const error of this.#unknown) this.#reportUnknown(error);
    for (const error of this.#names.values()) this.#reportName(error);
    for (const error of this.#values.values()) this.#reportValue(error);
    const isIncludeBroken = this.#isIncludeBroken;
    for (const error of this.#missing) this.#reportMissing(error, isIncludeBroken);
    // From the inside out: what is in a map is at fault, too, where the map itself is taken away.
    for (const instancePath of this.#values.keys()) this.#break(instancePath);
    for (const error of [...this.#unknown, ...this.#names.values()]) this.#remove(error);
  }

  #reportUnknown(error: ErrorObject): void {
    const map = this.#at(error.instancePath) as ValueMap;
    const name = String(error.params.additionalProperty);
    if (this.#isSaidOfRange(error, keyPlaceOf(map, name))) return;
    const schema = error.parentSchema as Annotated;
    const allowed = this.#allowed(schema);
    const renamed = (schema['x-renamed'] ?? {}) as Record<string, string>;
    const renamedTo = Object.hasOwn(renamed, name)
      ? this.#served(renamed[name] as string, schema)
      : undefined;
    const meant =
      renamedTo ??
      nearest(
        name,
        allowed.filter((key) => !(key in map)),
      ) ??
      nearest(name, allowed);
    if (meant) this.#meant.add(`${error.instancePath}/${meant}`);
    if (!meant) markStranger(map);
    else if (!(meant in map)) markBroken(map, meant);
    const at = placeOf(map, name);
    // What an inventory does not know may be of a file of secrets.
    if (map === this.#root && !(meant && isValueMap(map[name])) && !isReferring(map[name]))
      at.source.conceal(at);
    this.#report.error({
      code: 'unknown-key',
      message: `${this.#named(error.instancePath)} has no key ${name}${meant ? `: did you mean ${meant}?` : '.'}`,
      at: keyPlaceOf(map, name),
      help:
        (allowed.length > 0 ? `allowed here: ${allowed.join(', ')}` : 'nothing can be set here') +
        this.#limit(schema) +
        (map === this.#root ? this.#misplaced(keyPlaceOf(map, name)) : ''),
    });
  }

  /** Says, once for a file, that it looks like one of secrets. */
  #misplaced({ source }: Place): string {
    if (this.#judged.has(source) || !isFileOfSecrets(source.file, source.text)) return '';
    this.#judged.add(source);
    return '; a file of secrets lies in the site: keep it elsewhere';
  }

  /** Of a release that came later, keys may be missing here: says so. */
  #limit(schema: Annotated): string {
    const isConfig = Object.values(schema.properties ?? {}).some((key) => (key as ConfigSchema)['x-since']);
    const newer = this.#releases.find((release) => !isAtMost(release, NEWEST_RELEASE));
    return isConfig && newer ? `; keys that came after ${NEWEST_RELEASE} are not known` : '';
  }

  /** The keys that a map takes; of Harvester's configuration, those that a release of the site has and uses. */
  #allowed(schema: Annotated): string[] {
    if (this.#releases.length === 0) return Object.keys(schema.properties ?? {});
    return [...new Set(this.#releases.flatMap((release) => usefulKeys(schema as ConfigSchema, release)))];
  }

  /** The key that a renamed one leads to: another one where no release of the site has it. */
  #served(key: string, schema: Annotated): string | undefined {
    const target = (schema as ConfigSchema).properties?.[key];
    const has = this.#releases.some((release) => target && availability(target, release) === 'present');
    if (!target || has) return key;
    const others = this.#releases.map((release) => instead(target, schema as ConfigSchema, release));
    return others.find((other) => other !== undefined) ?? key;
  }

  #reportName(error: ErrorObject): void {
    const map = this.#at(error.instancePath) as ValueMap;
    const name = String(error.propertyName);
    if (this.#isSaidOfRange(error, keyPlaceOf(map, name))) return;
    const { message, help } = describeValue({ ...error, data: name }, this.#named(error.instancePath));
    this.#report.error({ code: 'bad-name', message, at: keyPlaceOf(map, name), help });
  }

  #reportMissing(error: ErrorObject, isIncludeBroken: boolean): void {
    const map = this.#at(error.instancePath) as ValueMap;
    const key = String(error.params.missingProperty);
    if (isBroken(map, key)) return; // taken out, for a fault that has been said
    markBroken(map, key);
    if (
      isIncludeBroken ||
      this.#meant.has(`${error.instancePath}/${key}`) ||
      this.#values.has(error.instancePath) ||
      this.#isSaidOfRange(error, this.#keyPlace(error.instancePath))
    )
      return;
    const hints = (error.parentSchema as Annotated)['x-missing'] as Record<string, string> | undefined;
    this.#report.error({
      code: 'missing-key',
      message: `${this.#named(error.instancePath)} lacks the key ${key}.`,
      at: this.#keyPlace(error.instancePath),
      help: hints?.[key] ?? `add ${key}`,
    });
  }

  #reportValue(error: ErrorObject): void {
    const spot = this.#spot(error.instancePath);
    const at = spot ? placeOf(spot.container, spot.key) : selfPlace(this.#root);
    if (this.#isSaidOfRange(error, at)) return;
    const written = at.source.text.slice(at.start, at.end);
    // What belongs in a secret may be one, of whatever type it is.
    const path = tokens(error.instancePath);
    const mayBeSecret =
      (error.parentSchema as ConfigSchema)['x-secret'] ||
      isSettingWithSecrets(path.slice(path.indexOf('config')));
    if (mayBeSecret && error.data !== null) at.source.conceal(at);
    const { message, help } = describeValue(error, this.#named(error.instancePath), written);
    this.#report.error({
      code: isMisplacedSecret(error)
        ? 'secret-out-of-place'
        : error.keyword === 'type' || error.data === null
          ? 'wrong-type'
          : 'bad-value',
      message,
      at,
      help: error.data === null ? `${help}${this.#below(path)}` : help,
    });
  }

  /** What to do where no value is meant to take away what the defaults say, which layers cannot do. */
  #below([section, , ...keys]: readonly string[]): string {
    if (section !== 'nodes' && section !== 'profiles') return '';
    const said = keys.reduce<Value | undefined>(
      (value, key) => (isValueMap(value) ? value[key] : undefined),
      this.#root.defaults,
    );
    if (said === undefined || said === null) return '';
    return '; no value takes away what defaults say: write that in a profile, for the nodes that are to have it';
  }

  #remove(error: ErrorObject): void {
    const map = this.#at(error.instancePath) as ValueMap;
    if (!map) return;
    delete map[String(error.params.additionalProperty ?? error.propertyName)];
    // A thing whose name is at fault is there all the same.
    if (error.propertyName !== undefined) markBroken(map, error.propertyName);
  }

  #break(instancePath: string): void {
    const spot = this.#spot(instancePath);
    if (!spot) return;
    // A list keeps its places: what follows must not move up.
    if (Array.isArray(spot.container)) (spot.container as unknown[])[Number(spot.key)] = undefined;
    else delete spot.container[spot.key];
    markBroken(spot.container, spot.key);
  }

  /** The place to name for a fault of a whole map: the key that holds it, the first key at the root. */
  #keyPlace(instancePath: string): Place {
    const spot = this.#spot(instancePath);
    if (spot) return keyPlaceOf(spot.container, spot.key);
    const [first] = Object.keys(this.#root);
    return first === undefined ? selfPlace(this.#root) : keyPlaceOf(this.#root, first);
  }

  /** A path as one would say it, nics[0].name: a key of a list is a number, and one of a map may look like one. */
  #named(instancePath: string): string {
    let at: Value | undefined = this.#root;
    const path = tokens(instancePath).map((step) => {
      const isIndex = Array.isArray(at);
      at = (at as ValueMap | undefined)?.[step];
      return isIndex ? Number(step) : step;
    });
    return pathText(path) || 'The inventory';
  }

  #at(instancePath: string): Value {
    return tokens(instancePath).reduce<Value>(
      (value, key) => (value as ValueMap)?.[key] as Value,
      this.#root,
    );
  }

  #spot(instancePath: string): Spot | undefined {
    const path = tokens(instancePath);
    const key = path.pop();
    if (key === undefined) return undefined;
    const container = path.reduce<Value>((value, step) => (value as ValueMap)?.[step] as Value, this.#root);
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
