import type { Cluster } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { locationsOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';

/** A Kubernetes object of a cluster, with the source locations of its values. */
export interface ClusterObject {
  readonly cluster: Cluster;
  /** The subdirectory of the kustomize folder, by effect: settings, addons, nodes, os, network, storage, images, workloads. */
  readonly folder: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  /** Whether it contains a secret in clear text, which the inventory contains, too. */
  readonly hasClearText?: boolean | undefined;
  /** The object as it is written; secrets are placeholders. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The source location of its name in a manifest, or of the first value of the inventory in it. */
  readonly origin: SourceLocation;
  /**
   * Returns the source location of the value at a path of `body`, or of the nearest value around it. A path may continue into
   * the map of a text: that of a Setting's JSON, or of a CloudInit's `contents`.
   */
  at(path: Path): SourceLocation;
}

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

/** Returns the subdirectory of an object. */
export function folderOf(apiVersion: string, kind: string): string {
  return (kind !== 'Node' || apiVersion === 'v1' ? FOLDERS[kind] : undefined) ?? 'workloads';
}

/** A path of an object's body, and the key of the inventory that sets the value there. */
export type Place = readonly [path: Path, holder: object, key: string | number];

/** Returns an object that is derived from the inventory: `type` is `v1/Node`, `rest` has the keys after the metadata. */
export function derivedObject(
  cluster: Cluster,
  type: string,
  metadata: { readonly name: string; readonly namespace?: string | undefined; readonly labels?: object },
  rest: object,
  places: readonly Place[],
  hasClearText = false,
): ClusterObject {
  const [, apiVersion = '', kind = ''] = /^(.*)\/(.*)$/.exec(type) ?? [];
  const { name, namespace } = metadata;
  const at = (path: Path) => locationAt(places, path) ?? selfLocation(cluster);
  const body = { apiVersion, kind, metadata, ...rest };
  const origin = at(places[0]?.[0] ?? []);
  const folder = folderOf(apiVersion, kind);
  return { cluster, folder, apiVersion, kind, name, namespace, hasClearText, body, origin, at };
}

function locationAt(places: readonly Place[], path: Path): SourceLocation | undefined {
  let best: Place | undefined;
  for (const place of places)
    if (place[0].length >= (best?.[0].length ?? 0) && place[0].every((step, index) => step === path[index]))
      best = place;
  if (!best) return undefined;
  let [{ length }, holder, key] = best;
  let at = locationsOf(holder, key)?.value ?? selfLocation(holder);
  for (const step of path.slice(length)) {
    const inner = (holder as Record<string | number, unknown>)[key];
    if (typeof inner !== 'object' || inner === null) break;
    at = locationsOf(inner, step)?.value ?? at;
    [holder, key] = [inner, step];
  }
  return at;
}
