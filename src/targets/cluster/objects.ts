import { createNode } from '../../site/clusters.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import { copyWith } from '../../source/origin.ts';
import { onceFor } from '../../values/once-for.ts';
import { cloudInitObjects } from './cloud-inits.ts';
import type { ClusterObject } from './cluster-object.ts';
import { manifestObjects } from './manifests.ts';
import { nodeObjects } from './nodes.ts';
import { addonObjects, settingObjects } from './settings.ts';

export type { ClusterObject };

/** Returns all objects of the site's clusters: those derived from the inventory, then those of its manifests. */
export const clusterObjects: (site: Site) => readonly ClusterObject[] = onceFor((site: Site) =>
  site.clusters.flatMap((cluster) => [
    ...derivedObjects(cluster),
    ...manifestObjects(cluster, site.manifests),
  ]),
);

/** Returns the objects that are derived from the inventory of a cluster. */
function derivedObjects(cluster: Cluster): readonly ClusterObject[] {
  const node = settingsNode(cluster);
  return [
    ...(node ? [...settingObjects(cluster, node), ...addonObjects(cluster, node)] : []),
    ...nodeObjects(cluster),
    ...cloudInitObjects(cluster, node),
  ];
}

/** Returns the node with the settings of a cluster: the create node; in a cluster that exists, the first one, as if it created it. */
function settingsNode(cluster: Cluster): Node | undefined {
  const first = cluster.members.find(({ clusterConfig }) => clusterConfig);
  if (!first?.clusterConfig) return createNode(cluster) as Node | undefined;
  const { os } = first.config;
  return copyWith(first, { config: copyWith(first.clusterConfig, os ? { os } : {}) });
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
