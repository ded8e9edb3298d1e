import { isValueMap } from '../source/origin.ts';
import { nearest } from '../values/text.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import { configSchema, follow } from './config-schema.ts';
import { parseJsonMap } from './config-values.ts';
import { factsOf } from './facts.ts';
import type { ManifestSchema } from './manifest-schema.ts';
import type { ConfigSchema } from './schemas.ts';

interface Facts {
  readonly since: Readonly<Record<string, string>>;
  readonly jsonOnly: readonly string[];
  readonly networks: readonly string[];
}

/** Read when a setting needs it: most commands start without. */
let read: Facts | undefined;
const facts = (): Facts => {
  read ??= factsOf<Facts>('cluster-settings');
  return read;
};

/** Whether a setting names a cluster network, which must exist. */
export const namesNetwork = (setting: string): boolean => facts().networks.includes(setting);

/** Returns the cluster network that the value of a setting names, a map or its JSON. */
export function clusterNetworkIn(name: string, value: unknown): string | undefined {
  const map = typeof value === 'string' ? parseJsonMap(value) : value;
  if (!namesNetwork(name) || !isValueMap(map)) return undefined;
  const { clusterNetwork } = isValueMap(map.network) ? map.network : map;
  return typeof clusterNetwork === 'string' ? clusterNetwork : undefined;
}

/** A setting of a running cluster. */
export interface ClusterSetting {
  readonly since: string;
  /** The schema of the map whose JSON is the value; undefined for plain text. */
  readonly map: ManifestSchema | undefined;
}

/** Returns the settings of the clusters of all releases, by name. Computed once. */
export function clusterSettings(): ReadonlyMap<string, ClusterSetting> {
  const { properties = {} } = installerSettings();
  known ??= new Map(
    [...Object.keys(facts().since), ...Object.keys(properties)].map((name) => {
      const schema = properties[name] ?? {};
      const since = facts().since[name] ?? schema['x-since'] ?? '';
      return [name, { since, map: mapOf(name, schema) }];
    }),
  );
  return known;
}

let known: ReadonlyMap<string, ClusterSetting> | undefined;

/** Returns the setting of a release that an unknown name probably means. */
export function likelySetting(name: string, release: Version): string | undefined {
  const names = [...clusterSettings()].flatMap(([key, { since }]) =>
    isAtLeast(release, since) ? [key] : [],
  );
  const renamed = installerSettings()['x-renamed']?.[name];
  return renamed !== undefined && names.includes(renamed) ? renamed : nearest(name, names);
}

function installerSettings(): ConfigSchema {
  return follow(configSchema().properties?.system_settings ?? {});
}

/** Returns the schema of a setting whose value is always the JSON of a map. One that also can be plain text has none. */
function mapOf(name: string, schema: ConfigSchema): ManifestSchema | undefined {
  if (facts().jsonOnly.includes(name)) return { type: 'object', additionalProperties: true };
  if (![schema.type].flat().includes('object') || schema['x-since-types']?.object) return undefined;
  const required = namesNetwork(name) ? ['clusterNetwork', 'range'] : [];
  return { ...closed(schema, schema['x-since']), type: 'object', required };
}

/** Returns a part as a schema of manifests. Keys that came with the setting in the installer are as old as the setting. */
function closed(part: ConfigSchema, since: string | undefined): ManifestSchema {
  const { properties, items, additionalProperties: others, 'x-since': own, ...rest } = follow(part);
  const inner = Object.entries(properties ?? {}).map(([key, property]) => [key, closed(property, since)]);
  return {
    ...(rest as ManifestSchema),
    ...(properties && { properties: Object.fromEntries(inner) }),
    ...(items && { items: closed(items, since) }),
    ...(typeof others === 'object' && { additionalProperties: closed(others, since) }),
    ...(own !== undefined && own !== since && { 'x-since': own }),
  };
}
