import { inherit, inheritErrors, located, selfLocation } from '../source/origin.ts';
import { onceFor } from '../values/once-for.ts';
import { isAtLeast, isAtMost, type Version } from '../values/version.ts';
import type { HarvesterConfig } from './harvester-config.gen.ts';
import { type ConfigSchema, followIn, schemaOf } from './schemas.ts';

const CONFIG_SCHEMA = 'harvester/config.schema.json';

/** Returns the annotated schema of Harvester's configuration for all releases. */
export function configSchema(): ConfigSchema {
  return schemaOf(CONFIG_SCHEMA) as ConfigSchema;
}

/**
 * Returns a part of the schema with its reference resolved, and with its canonical types; its own keywords override those of the target.
 */
export function follow(part: ConfigSchema): ConfigSchema {
  return part.$ref === undefined && part['x-canonical'] === undefined
    ? part
    : followIn(CONFIG_SCHEMA, part).schema;
}

/** Whether a release has a key, is older than the key, or no longer has it. */
export type Availability = 'present' | 'too-new' | 'gone';

/** Returns whether a release has the key that a part of the schema describes. */
export function availability(key: ConfigSchema, release: Version): Availability {
  if (key['x-since'] && !isAtLeast(release, key['x-since'])) return 'too-new';
  if (key['x-until'] && !isAtMost(release, key['x-until'])) return 'gone';
  const final = release.text.replace(/-.*$/, '');
  return key['x-absent']?.includes(final) ? 'gone' : 'present';
}

/** Returns the keys of a map that exist and have an effect in a release, and that are not internal. */
export function usefulKeys(map: ConfigSchema, release: Version): string[] {
  return Object.entries(map.properties ?? {}).flatMap(([name, key]) =>
    availability(key, release) === 'present' && !hasNoEffect(key, release) && !key['x-internal']
      ? [name]
      : [],
  );
}

/** Whether a release reads a key that has no effect. */
export function hasNoEffect(key: ConfigSchema, release: Version): boolean {
  const since = key['x-no-effect-since'];
  return key['x-no-effect'] !== undefined && (since === undefined || isAtLeast(release, since));
}

/** Returns the key that replaces one missing from a release, or undefined. */
export function replacementKey(
  schema: ConfigSchema,
  parent: ConfigSchema,
  release: Version,
): string | undefined {
  const known = schema['x-instead'];
  const other = known === undefined ? undefined : parent.properties?.[known];
  return other && availability(other, release) === 'present' ? known : undefined;
}

/** A key of a configuration with its schema. */
export interface WrittenKey {
  /** The path of the key, for example install.webhooks[0].event. */
  readonly path: string;
  readonly key: string;
  /** The map that contains the key; it has the source locations (`keyLocationOf`, `locationOf`). */
  readonly holder: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  readonly schema: ConfigSchema;
  readonly parent: ConfigSchema;
  /** The schema of the key whose value is the map, or the list that contains the map. */
  readonly above: ConfigSchema | undefined;
}

/**
 * Returns every key of a configuration that is in the schema, outer before inner. Computed once per configuration, because
 * nodes often share one and every rule needs the keys.
 */
export const writtenKeys = onceFor((config: object): readonly WrittenKey[] => [
  ...inMap(config as Record<string, unknown>, configSchema(), undefined, ''),
]);

function* inMap(
  map: Readonly<Record<string, unknown>>,
  parent: ConfigSchema,
  above: ConfigSchema | undefined,
  at: string,
): Iterable<WrittenKey> {
  for (const [key, value] of Object.entries(map)) {
    const described = parent.properties?.[key] ?? named(parent);
    if (!described) continue;
    const schema = follow(described);
    const path = at ? `${at}.${key}` : key;
    yield { path, key, holder: map, value, schema, parent, above };
    yield* inside(value, schema, schema, path);
  }
}

function* inside(
  value: unknown,
  schema: ConfigSchema,
  above: ConfigSchema,
  path: string,
): Iterable<WrittenKey> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) {
    yield* inMap(value as Record<string, unknown>, schema, above, path);
    return;
  }
  const items = schema.items && follow(schema.items);
  if (!items) return;
  for (const [index, item] of value.entries()) yield* inside(item, items, above, `${path}[${index}]`);
}

function named({ additionalProperties }: ConfigSchema): ConfigSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

export type Mode = 'create' | 'join';

/**
 * Returns the paths of keys that a node of a mode must not have: the VIP of a join node, the server_url of a create node.
 * harvester/config.schema.json lists them (`x-modes`).
 */
export function pathsOfOtherMode(config: object, mode: Mode): string[][] {
  return paths(config, configSchema(), [], mode);
}

/** Returns a configuration without the keys that a node of a mode must not have; unchanged without such keys. */
export function withoutOtherMode(config: HarvesterConfig, mode: Mode): HarvesterConfig {
  return pathsOfOtherMode(config, mode).reduce<object>(without, config) as HarvesterConfig;
}

function paths(value: object, node: ConfigSchema, path: readonly string[], mode: Mode): string[][] {
  return Object.entries(value).flatMap(([key, item]) => {
    const known = node.properties?.[key];
    if (!known) return [];
    if (known['x-modes'] && !known['x-modes'].includes(mode)) return [[...path, key]];
    return item && typeof item === 'object' && !Array.isArray(item)
      ? paths(item, known, [...path, key], mode)
      : [];
  });
}

function without(config: object, path: readonly string[]): object {
  const [key = '', ...rest] = path;
  const copy: Record<string, unknown> = located(Object.create(null), selfLocation(config));
  for (const [name, value] of Object.entries(config)) {
    if (name === key && rest.length === 0) continue;
    copy[name] = name === key ? without(value, rest) : value;
    inherit(copy, name, config);
  }
  inheritErrors(copy, config);
  return copy;
}
