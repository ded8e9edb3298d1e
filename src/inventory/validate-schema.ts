import { clusterSettings } from '../knowledge/cluster-settings.ts';
import { availability, replacementKey, usefulKeys } from '../knowledge/config-schema.ts';
import { NEWEST_RELEASE } from '../knowledge/harvester.ts';
import { isSettingWithSecrets } from '../knowledge/hide.ts';
import { type ConfigSchema, namedKeys, sitePart } from '../knowledge/schemas.ts';
import type { Fix, Report } from '../source/diagnostics/report.ts';
import { type Path, pathText } from '../source/leaf.ts';
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
import { isTypoOf, nearest, shownKey } from '../values/text.ts';
import { isAtLeast, isAtMost, parseVersion, type Version } from '../values/version.ts';
import { describeValue, isMisplacedSecret } from './describe-value.ts';
import { type Misplaced, placesOf, withoutMisplaced } from './key-places.ts';
import { type HeldError, type KeyError, type SchemaErrors, schemaErrors } from './schema-errors.ts';
import { isFileOfSecrets } from './secrets.ts';

/**
 * Validates an inventory against knowledge/site.schema.json and reports each error at its source location. Removes invalid values
 * and marks them as broken, so that further checks report no consequences of them.
 */
export function validateSchema(root: ValueMap, report: Report): void {
  new InventoryCheck(root, report).run(schemaErrors(root));
}

/** Reports the errors of one inventory: one diagnostic for each, and none for its consequences. */
class InventoryCheck {
  readonly #root: ValueMap;
  readonly #report: Report;
  /** The releases of the site's clusters, if they are readable: a suggestion must exist in one of them. */
  readonly #releases: readonly Version[];
  /** The files with an unknown key at the margin: each is searched for secrets once. */
  readonly #searchedFiles = new Set<Source>();
  /** The keys below maps with unknown keys, by path. */
  readonly #keysBelow = new Map<string, ReturnType<typeof namedKeys>>();
  /** The paths of the keys that unknown keys probably mean. */
  readonly #meantKeys = new Set<string>();
  /** The places of stray keys, each after the path of the map that has the keys: one missing line is one error. */
  readonly #reportedPlaces = new Set<string>();
  /** Errors of ranges of nodes that have been reported for the first node. */
  readonly #reportedOfRanges = new Set<string>();

  constructor(root: ValueMap, report: Report) {
    this.#root = root;
    this.#report = report;
    this.#releases = releasesOf(root);
  }

  run(errors: SchemaErrors): void {
    const { misplaced, left } = withoutMisplaced(this.#root, errors);
    const { values, missing, unknown, names } = left;
    for (const entries of misplaced) this.#reportMisplaced(entries);
    const kept = unknown.filter((error) => this.#reportUnknown(error) === 'kept');
    for (const error of names) this.#reportName(error);
    for (const error of values) this.#reportValue(error);
    // An include that is broken could contain anything.
    const isIncludeBroken =
      this.#meantKeys.has('include') || values.some(({ path: [section] }) => section === 'include');
    const invalid = new Set(values.map(({ data }) => data));
    for (const error of missing) this.#reportMissing(error, isIncludeBroken || invalid.has(error.map));
    for (const { holder, path } of values) if (holder) takeOut(holder, path.at(-1) as string);
    for (const error of [...unknown, ...names]) if (!kept.includes(error)) delete error.map[error.key];
    // The entry exists, although its name is invalid.
    for (const { map, key } of names) markBroken(map, key);
  }

  /** Whether an error is in a range of nodes, and has been reported for another of them. */
  #isReportedOfRange(path: Path, at: SourceLocation, ...error: readonly string[]): boolean {
    if (rangeAt(at) === undefined) return false;
    const key = [locationKey(at), pathText(path.slice(2)), ...error].join(' ');
    if (this.#reportedOfRanges.has(key)) return true;
    this.#reportedOfRanges.add(key);
    return false;
  }

  #reportMisplaced({ section, map, key, place }: Misplaced): void {
    const meant = place && pathText([...place.path, key]);
    this.#report.error({
      code: 'unknown-key',
      message: `${key} is not the name of an entry of ${section}: ${meant ? `did you mean ${meant}?` : 'it is a key of one.'}`,
      at: keyLocationOf(map, key),
      help: `add the missing line above it (${place ? `${pathText(place.path)}:` : 'the name'}), or correct the indentation`,
    });
  }

  /** Returns the paths of the maps that a stray key may belong to, or that an earlier key of its map has been reported with the same. */
  #placesOf(stray: Parameters<typeof placesOf>[1]): Path[] | 'reported' {
    const places = placesOf(this.#root, stray).map(({ path }) => path);
    if (places.length === 0) return [];
    const ids = places.map((place) => `${pathText(stray.path)} ${pathText(place)}`);
    if (ids.some((id) => this.#reportedPlaces.has(id))) return 'reported';
    for (const id of ids) this.#reportedPlaces.add(id);
    return places;
  }

  /** Reports an unknown key. One that a newer release may have stays as it is. */
  #reportUnknown(error: KeyError): 'kept' | undefined {
    const { map, key, schema, path } = error;
    const keyAt = keyLocationOf(map, key);
    if (this.#isReportedOfRange(path, keyAt, 'unknown')) return undefined;
    if (path.at(-1) === 'system_settings' && this.#reportOfManifests(key, keyAt)) return undefined;
    const allowed = this.#allowedKeys(schema);
    const renamed = schema['x-renamed'] ?? {};
    const renamedTo = Object.hasOwn(renamed, key) ? this.#served(renamed[key] as string, schema) : undefined;
    const unused = allowed.filter((other) => !(other in map));
    // YAML reads `{ mac:… }` and `{ mac … }` as a key without a value.
    const isAlone = map[key] === null || map[key] === undefined;
    const joined = isAlone
      ? allowed.find((other) => key.startsWith(other) && /^[:\s]/.test(key.slice(other.length)))
      : undefined;
    const near = renamedTo ?? joined ?? nearest(key, unused) ?? nearest(key, allowed);
    const inner = near === undefined ? this.#keyBelow(key, map[key], path) : undefined;
    const isElsewhere = near === undefined || near in map || near.includes('.');
    const places = isElsewhere ? this.#placesOf({ key, value: map[key], path }) : [];
    if (places === 'reported') {
      markUnknownKey(map);
      return undefined;
    }
    const [place] = places.length === 1 ? places : [];
    const meant = near ?? inner ?? (place && pathText([...place, key]));
    const newer = meant === undefined && key.trim() === key ? this.#newerRelease(schema) : undefined;
    if (newer) {
      this.#report.warning({
        code: 'unknown-key',
        message: `harvgen does not know ${newer.text}: ${named(path)} has the key ${shownKey(key)}, which is passed on as it is.`,
        at: keyAt,
        help: `install a newer harvgen; keys up to ${NEWEST_RELEASE} are known`,
      });
      return 'kept';
    }
    if (meant) this.#meantKeys.add(pathText([...path, meant]));
    if (!near) markUnknownKey(map);
    else if (!(near in map)) markBroken(map, near);
    const at = locationOf(map, key);
    const isAtMargin = map === this.#root;
    // An unknown key may be from a file of secrets.
    if (isAtMargin && !(near && isValueMap(map[key])) && !isReferring(map[key])) at.source.conceal(at);
    if (joined !== undefined) {
      const lacking =
        key.charAt(joined.length) === ':' ? 'a blank is missing after its colon' : 'its colon is missing';
      this.#report.error({
        code: 'unknown-key',
        message: `${named(path)} has the key ${joined}, but ${lacking}: YAML reads the value as part of the key.`,
        at: keyAt,
        help: `write \`${joined}: value\``,
        fix: safeFix(splitKey(keyAt, joined)),
      });
      return undefined;
    }
    this.#report.error({
      code: 'unknown-key',
      message: `${named(path)} has no key ${shownKey(key)}${meant ? `: did you mean ${meant}?` : '.'}`,
      at: keyAt,
      help:
        (allowed.length > 0 ? `allowed here: ${allowed.join(', ')}` : 'nothing can be set here') +
        this.#limit(schema) +
        (isAtMargin ? this.#misplaced(keyAt) : ''),
      fix: fixOfUnknown(),
    });
    return undefined;

    function fixOfUnknown(): Fix | undefined {
      if (near === undefined)
        return inner === undefined ? undefined : suggestedFix(moveKey(map, key, inner.split('.')));
      if (near in map) return undefined;
      return (renamedTo || isTypoOf(key, near, allowed) ? safeFix : suggestedFix)(renameKey(keyAt, near));
    }
  }

  /** Returns the only key of a name below the keys of a map, such as config.os for os; for a map, only one of a map. */
  #keyBelow(name: string, value: Value | undefined, mapPath: Path): string | undefined {
    const id = pathText(mapPath);
    const part = sitePart(mapPath.map(String));
    const below = this.#keysBelow.get(id) ?? (part ? namedKeys(part) : []);
    this.#keysBelow.set(id, below);
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
  #misplaced({ source }: SourceLocation): string {
    if (this.#searchedFiles.has(source)) return '';
    this.#searchedFiles.add(source);
    if (!isFileOfSecrets(source.file, source.text)) return '';
    return '; this looks like a file of secrets: move it out of the site';
  }

  /** Reports a setting that only a running cluster accepts. */
  #reportOfManifests(name: string, at: SourceLocation): boolean {
    const since = clusterSettings().get(name)?.since;
    if (since === undefined || !this.#releases.some((release) => isAtLeast(release, since))) return false;
    this.#report.error({
      code: 'unknown-key',
      message: `The installer does not accept the setting ${name}, and stops: only a running cluster has it.`,
      at,
      help: `move it to a file in manifests/: \`apiVersion: harvesterhci.io/v1beta1, kind: Setting, metadata: {name: ${name}}, value: …\``,
    });
    return true;
  }

  /** Returns a release of the site that is newer than the newest known one, and so may have more keys in a map. */
  #newerRelease({ properties = {} }: ConfigSchema): Version | undefined {
    const isConfig = Object.values(properties).some((key) => key['x-since']);
    return isConfig ? this.#releases.find((release) => !isAtMost(release, NEWEST_RELEASE)) : undefined;
  }

  /** Returns a help text for such a release. */
  #limit(schema: ConfigSchema): string {
    return this.#newerRelease(schema) ? `; keys newer than ${NEWEST_RELEASE} are unknown` : '';
  }

  /** Returns the keys that a map allows; for Harvester's configuration, those that a release of the site supports and uses. */
  #allowedKeys(schema: ConfigSchema): string[] {
    if (this.#releases.length === 0) return Object.keys(schema.properties ?? {});
    return [...new Set(this.#releases.flatMap((release) => usefulKeys(schema, release)))];
  }

  #served(key: string, schema: ConfigSchema): string {
    const target = schema.properties?.[key];
    if (!target || this.#releases.some((release) => availability(target, release) === 'present')) return key;
    const others = this.#releases.map((release) => replacementKey(target, schema, release));
    return others.find((other) => other !== undefined) ?? key;
  }

  #reportName({ map, key, path, error }: SchemaErrors['names'][number]): void {
    const at = keyLocationOf(map, key);
    if (this.#isReportedOfRange(path, at, 'name')) return;
    const { message, help, meant } = describeValue(error, named(path));
    const isFree = typeof meant === 'object' && !(String(meant.value) in map);
    const fix = isFree ? suggestedFix(renameKey(at, String(meant.value))) : undefined;
    this.#report.error({ code: 'bad-name', message, at, help, fix });
  }

  /** Reports a missing key, unless it is a consequence of another error. */
  #reportMissing({ map, key, schema, path, holder }: KeyError, isConsequence: boolean): void {
    if (isBroken(map, key)) return; // removed, for an error that has been reported
    markBroken(map, key);
    if (isConsequence || this.#meantKeys.has(pathText([...path, key]))) return;
    const [first] = Object.keys(map);
    const at = holder
      ? keyLocationOf(holder, path.at(-1) as string)
      : first === undefined
        ? selfLocation(map)
        : keyLocationOf(map, first);
    if (this.#isReportedOfRange(path, at, 'missing', key)) return;
    this.#report.error({
      code: 'missing-key',
      message: `${named(path)} lacks the key ${key}.`,
      at,
      help: schema['x-missing']?.[key] ?? `add ${key}`,
    });
  }

  #reportValue(error: HeldError): void {
    const { holder, path, data, schema, keyword } = error;
    const at = holder ? locationOf(holder, path.at(-1) as string) : selfLocation(this.#root);
    if (this.#isReportedOfRange(path, at, keyword)) return;
    if (data === null && [...this.#reportedPlaces].some((id) => id.endsWith(` ${pathText(path)}`))) return;
    const key = path.at(-1);
    if (
      isValueMap(data) &&
      typeof key === 'string' &&
      this.#placesOf({ key, value: data as Value, path: path.slice(0, -1) }) === 'reported'
    )
      return;
    const written = at.source.text.slice(at.start, at.end);
    // A value that belongs in a secret may be one, whatever its type is.
    const mayBeSecret = schema['x-secret'] || isSettingWithSecrets(path.slice(path.indexOf('config')));
    if (mayBeSecret && data !== null) at.source.conceal(at);
    const { message, help, meant } = describeValue(error, named(path), written);
    const isPlain = !/^[*"']|\n/.test(written);
    this.#report.error({
      code: isMisplacedSecret(error)
        ? 'secret-out-of-place'
        : keyword === 'type' || data === null
          ? 'wrong-type'
          : 'bad-value',
      message,
      at,
      help: data === null ? `${help}${this.#below(path)}${unread(at)}` : help,
      fix:
        meant === 'quotes'
          ? isPlain
            ? safeFix(quote(at))
            : undefined
          : meant && (meant.isSure ? safeFix : suggestedFix)(replaceValue(at, meant.value)),
    });
  }

  /** Returns a help text where an empty value probably should remove a default, which layers cannot do. */
  #below([section, , ...keys]: Path): string {
    if (section !== 'nodes' && section !== 'profiles') return '';
    const inherited = keys.reduce<Value | undefined>(
      (value, key) => (isValueMap(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      this.#root.defaults,
    );
    if (inherited === undefined || inherited === null) return '';
    return '; an empty value does not remove a default: set the default in a profile, for the nodes that need it';
  }
}

/** Returns a path for a message. */
function named(path: Path): string {
  return pathText(path) || 'The inventory';
}

/** Returns a help text where YAML reads a value as an anchor or a comment. `at` is the location of the key. */
function unread({ source, end }: SourceLocation): string {
  const isUnread = /^["']?[ \t]*:[ \t]+[&#]\S/.test(source.text.slice(end, end + 20));
  return isUnread ? '; a text that begins with & or # must be in quotes' : '';
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
