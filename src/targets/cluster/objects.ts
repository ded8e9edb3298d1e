import { isOwnSetting } from '../../knowledge/cluster-dump.ts';
import { clearInConfig } from '../../knowledge/hide.ts';
import { addons } from '../../knowledge/installed-keys.ts';
import { marked, partWithPlaceholders, withPlaceholders } from '../../secrets/uses-of.ts';
import { isCloudConfig } from '../../site/cloud-config.ts';
import { createNode } from '../../site/clusters.ts';
import type { Cluster, Manifest, Node, Site } from '../../site/model.ts';
import { locationAlong } from '../../source/leaf.ts';
import { copyWith } from '../../source/origin.ts';
import { yamlWithPlaceholders } from '../../source/yaml-placeholders.ts';
import { onceFor } from '../../values/once-for.ts';
import { isAtLeast } from '../../values/version.ts';
import { cloudInitObjects } from './cloud-inits.ts';
import { type ClusterObject, derivedObject, folderOf, type Place } from './cluster-object.ts';

export type { ClusterObject };

/** Returns all objects of the site's clusters: those derived from the inventory, then those of its manifests. */
export const clusterObjects: (site: Site) => readonly ClusterObject[] = onceFor((site: Site) =>
  site.clusters.flatMap((cluster) => {
    const node = settingsNode(cluster);
    const manifests = site.manifests.filter((manifest) => manifest.cluster === cluster);
    return [
      ...(node ? [...settingObjects(cluster, node), ...addonObjects(cluster, node)] : []),
      ...nodeObjects(cluster),
      ...cloudInitObjects(cluster, node),
      ...manifests.map(manifestObject),
    ];
  }),
);

/** Returns the node with the settings of a cluster: the create node; in a cluster that exists, the first one, as if it created it. */
function settingsNode(cluster: Cluster): Node | undefined {
  const first = cluster.members.find(({ clusterConfig }) => clusterConfig);
  if (!first?.clusterConfig) return createNode(cluster) as Node | undefined;
  const { os } = first.config;
  return copyWith(first, { config: copyWith(first.clusterConfig, os ? { os } : {}) });
}

/** The first release with the Setting `ntp-servers`. */
const NTP_SINCE = 'v1.2.0';

/** Returns the system settings in the inventory of a cluster, as its create node has them. */
function* settingObjects(cluster: Cluster, { config }: Node): Iterable<ClusterObject> {
  const { system_settings: settings = {}, os } = config;
  // The installer writes both, the list last.
  const ntp = os && isAtLeast(cluster.version, NTP_SINCE) ? (os.ntp_servers ?? []) : [];
  const clear = clearInConfig(config).map(({ path }) => `${path}.`);
  const setting = (name: string, text: string, places: readonly Place[]) => {
    const hasClearText = clear.some((path) => path.startsWith(`system_settings.${name}.`));
    const value = { value: withPlaceholders(text) };
    return derivedObject(cluster, 'harvesterhci.io/v1beta1/Setting', { name }, value, places, hasClearText);
  };
  for (const [name, value] of Object.entries(settings)) {
    if (isOwnSetting(name) || (ntp.length > 0 && name === 'ntp-servers')) continue;
    // The installer trims texts as well.
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
    yield setting(name, text, [[['value'], settings, name]]);
  }
  if (os && ntp.length > 0)
    yield setting('ntp-servers', JSON.stringify({ ntpServers: ntp }), [
      [['value'], os, 'ntp_servers'],
      [['value', 'ntpServers'], os, 'ntp_servers'],
    ]);
}

/** Returns the add-ons in the inventory of a cluster: partial objects, because upgrades write their other fields. */
function* addonObjects(cluster: Cluster, { config }: Node): Iterable<ClusterObject> {
  for (const [key, addon] of Object.entries(config.install?.addons ?? {})) {
    const [namespace, name] = addons()[key] ?? [];
    const { enabled, values_content: values } = addon as { enabled?: boolean; values_content?: string };
    if (!name || (enabled === undefined && values === undefined)) continue;
    const spec = {
      ...(enabled !== undefined && { enabled }),
      ...(values !== undefined && { valuesContent: withPlaceholders(values) }),
    };
    yield derivedObject(cluster, 'harvesterhci.io/v1beta1/Addon', { name, namespace }, { spec }, [
      [['spec', 'enabled'], addon as object, 'enabled'],
      [['spec', 'valuesContent'], addon as object, 'values_content'],
    ]);
  }
}

/** The roles that a label of an installed node can change. The label and the taint of a witness are fixed. */
const CHANGEABLE_ROLES: readonly unknown[] = ['management', 'worker'];

/** Returns the labels and the cordon in the inventory of a cluster's nodes: partial objects, because the cluster owns the rest. */
function* nodeObjects(cluster: Cluster): Iterable<ClusterObject> {
  for (const { config } of cluster.members) {
    const { os, install = {} } = config;
    const { role, cordoned } = install;
    const labels: Record<string, string> = { ...os?.labels };
    const places: Place[] = os ? [[['metadata', 'labels'], os, 'labels']] : [];
    if (CHANGEABLE_ROLES.includes(role)) {
      // It steers the promotion of a node. Source: pkg/controller/master/node of harvester/harvester.
      const label = `node-role.harvesterhci.io/${role}`;
      labels[label] = 'true';
      places.push([['metadata', 'labels', label], install, 'role']);
    }
    if (config.install) places.push([['spec', 'unschedulable'], install, 'cordoned']);
    const hasLabels = Object.keys(labels).length > 0;
    if (os?.hostname === undefined || (!hasLabels && cordoned === undefined)) continue;
    const metadata = { name: os.hostname, ...(hasLabels && { labels }) };
    const rest = cordoned === undefined ? {} : { spec: { unschedulable: cordoned } };
    yield derivedObject(cluster, 'v1/Node', metadata, rest, places);
  }
}

function manifestObject({ cluster, apiVersion, kind, name, namespace, body }: Manifest): ClusterObject {
  const folder = folderOf(apiVersion, kind);
  const origin = locationAlong(body, ['metadata', 'name']);
  const at: ClusterObject['at'] = (path) => locationAlong(body, path);
  const written = marked(body, markText) as ClusterObject['body'];
  return { cluster, folder, apiVersion, kind, name, namespace, body: written, origin, at };
}

/** Returns a text of a manifest with placeholders; a cloud-config is YAML, so its secrets are quoted for YAML. */
function markText(text: string): string {
  return isCloudConfig(text) ? yamlWithPlaceholders(text) : partWithPlaceholders(text);
}

/** Settings whose credentials the cluster removes after applying them: what applies them again from git never settles. */
const LOSE_CREDENTIALS: readonly string[] = ['backup-target', 'containerd-registry'];

/** Whether an object is outside the kustomization, because it contains a secret, or loses one in the cluster. */
export function isConfidential({ kind, name, body, hasClearText }: ClusterObject): boolean {
  return (
    hasClearText === true ||
    (kind === 'Setting' && LOSE_CREDENTIALS.includes(name)) ||
    JSON.stringify(body).includes('@@secret:')
  );
}
