import { isValueMap } from '../source/origin.ts';
import { nearest } from '../values/text.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import { configSchema, follow } from './config-schema.ts';
import { parseJsonMap } from './config-values.ts';
import type { ManifestSchema } from './manifest-schema.ts';
import type { ConfigSchema } from './schemas.ts';

/**
 * The first releases of settings that the installer accepts only later, or never. Source: pkg/settings/settings.go of
 * harvester/harvester.
 */
const SINCE: Readonly<Record<string, string>> = {
  'additional-guest-memory-overhead-ratio': 'v1.4.0',
  'auto-rotate-rke2-certs': 'v1.3.0',
  'containerd-registry': 'v1.1.0',
  'csi-driver-config': 'v1.1.0',
  'csi-online-expand-validation': 'v1.6.0',
  'default-vm-termination-grace-period-seconds': 'v1.2.0',
  'instance-manager-resources': 'v1.8.0',
  'kubeconfig-default-token-ttl-minutes': 'v1.3.1',
  'kubevirt-migration': 'v1.7.0',
  'longhorn-v2-data-engine-enabled': 'v1.4.0',
  'longhorn-v2-data-engine-hugepage-enabled': 'v1.9.0',
  'longhorn-v2-data-engine-memory-size': 'v1.9.0',
  'max-hotplug-ratio': 'v1.6.0',
  'rancher-cluster': 'v1.6.0',
  'rwx-network': 'v1.8.0',
  'storage-network': 'v1.1.0',
  'support-bundle-expiration': 'v1.3.0',
  'support-bundle-file-name': 'v1.8.0',
  'support-bundle-node-collection-timeout': 'v1.3.1',
  'ui-plugin-index': 'v1.1.0',
  'upgrade-config': 'v1.4.0',
  'vm-migration-network': 'v1.6.0',
};

/** Settings of the cluster alone that are JSON. */
const JSON_ONLY: readonly string[] = ['instance-manager-resources', 'rwx-network'];

/** Settings that name a cluster network, which must exist. */
export const NETWORK_SETTINGS: readonly string[] = ['rwx-network', 'storage-network', 'vm-migration-network'];

/** Returns the cluster network that the value of a setting names, a map or its JSON. */
export function clusterNetworkIn(name: string, value: unknown): string | undefined {
  const map = typeof value === 'string' ? parseJsonMap(value) : value;
  if (!NETWORK_SETTINGS.includes(name) || !isValueMap(map)) return undefined;
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
    [...Object.keys(SINCE), ...Object.keys(properties)].map((name) => {
      const own = properties[name] ?? {};
      return [name, { since: SINCE[name] ?? own['x-since'] ?? '', map: mapOf(name, own) }];
    }),
  );
  return known;
}

let known: ReadonlyMap<string, ClusterSetting> | undefined;

/** Returns the setting of a release that an unknown name probably means. */
export function likelySetting(name: string, release: Version): string | undefined {
  const all = [...clusterSettings()].flatMap(([one, { since }]) => (isAtLeast(release, since) ? [one] : []));
  return all.find((one) => one === installerSettings()['x-renamed']?.[name]) ?? nearest(name, all);
}

function installerSettings(): ConfigSchema {
  return follow(configSchema().properties?.system_settings ?? {});
}

/** Returns the schema of a setting whose value is always the JSON of a map. One that also can be plain text has none. */
function mapOf(name: string, schema: ConfigSchema): ManifestSchema | undefined {
  if (JSON_ONLY.includes(name)) return { type: 'object', additionalProperties: true };
  if (![schema.type].flat().includes('object') || schema['x-since-types']?.object) return undefined;
  const required = NETWORK_SETTINGS.includes(name) ? ['clusterNetwork', 'range'] : [];
  return { ...closed(schema, schema['x-since']), type: 'object', required };
}

/** Returns a part as a schema of manifests. Keys that came with the setting in the installer are as old as the setting. */
function closed(part: ConfigSchema, since: string | undefined): ManifestSchema {
  const { properties, items, additionalProperties: others, 'x-since': own, ...rest } = follow(part);
  const inner = Object.entries(properties ?? {}).map(([key, one]) => [key, closed(one, since)]);
  return {
    ...(rest as ManifestSchema),
    ...(properties && { properties: Object.fromEntries(inner) }),
    ...(items && { items: closed(items, since) }),
    ...(typeof others === 'object' && { additionalProperties: closed(others, since) }),
    ...(own !== undefined && own !== since && { 'x-since': own }),
  };
}
