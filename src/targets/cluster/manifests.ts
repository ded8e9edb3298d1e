import { partWithPlaceholders } from '../../secrets/uses-of.ts';
import { isCloudConfig } from '../../site/cloud-config.ts';
import type { Cluster, Manifest } from '../../site/model.ts';
import { locationAlong } from '../../source/leaf.ts';
import { yamlWithPlaceholders } from '../../source/yaml-placeholders.ts';
import type { ClusterObject } from './cluster-object.ts';

/** The folder of each kind, by what a change of it affects. All others are workloads. */
const FOLDERS: Readonly<Record<string, string>> = {
  Addon: 'addons',
  BlockDevice: 'storage',
  CloudInit: 'os',
  ClusterNetwork: 'network',
  HostNetworkConfig: 'network',
  Hugepage: 'os',
  Ksmtuned: 'os',
  LVMVolumeGroup: 'storage',
  NetworkAttachmentDefinition: 'network',
  Node: 'nodes',
  NodeConfig: 'os',
  Setting: 'settings',
  StorageClass: 'storage',
  Upgrade: 'upgrade',
  Version: 'upgrade',
  VirtualMachineImage: 'images',
  VlanConfig: 'network',
};

/** Returns the objects of a cluster that its manifests define. */
export function* manifestObjects(cluster: Cluster, manifests: readonly Manifest[]): Iterable<ClusterObject> {
  for (const { cluster: of, apiVersion, kind, name, namespace, body } of manifests) {
    if (of !== cluster) continue;
    yield {
      cluster,
      folder: (kind !== 'Node' || apiVersion === 'v1' ? FOLDERS[kind] : undefined) ?? 'workloads',
      apiVersion,
      kind,
      name,
      namespace,
      body: marked(body) as ClusterObject['body'],
      origin: locationAlong(body, ['metadata', 'name']),
      at: (path) => locationAlong(body, path),
    };
  }
}

/** Returns a value of a manifest with placeholders in its texts; a cloud-config is YAML, so its secrets are quoted for YAML. */
function marked(value: unknown): unknown {
  if (typeof value === 'string')
    return isCloudConfig(value) ? yamlWithPlaceholders(value) : partWithPlaceholders(value);
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, marked(item)]));
}
