import type { Cluster } from '../../site/model.ts';
import { type ClusterObject, clusterObject, type Place } from './cluster-object.ts';

/** The roles that a label of an installed node can change. The label and the taint of a witness are fixed. */
const CHANGEABLE_ROLES: readonly unknown[] = ['management', 'worker'];

/** The label that steers the promotion of a node. Source: pkg/controller/master/node of harvester/harvester. */
const ROLE_LABEL = 'node-role.harvesterhci.io/';

/** Returns the labels and the cordon in the inventory of a cluster's nodes: partial objects, because the cluster owns the rest. */
export function* nodeObjects(cluster: Cluster): Iterable<ClusterObject> {
  for (const { config } of cluster.members) {
    const { os, install } = config;
    const name = os?.hostname;
    const labels: Record<string, string> = { ...os?.labels };
    const places: Place[] = os ? [{ path: ['metadata', 'labels'], holder: os, key: 'labels' }] : [];
    if (install && CHANGEABLE_ROLES.includes(install.role)) {
      const label = `${ROLE_LABEL}${install.role}`;
      labels[label] = 'true';
      places.push({ path: ['metadata', 'labels', label], holder: install, key: 'role' });
    }
    const { cordoned } = install ?? {};
    if (install) places.push({ path: ['spec', 'unschedulable'], holder: install, key: 'cordoned' });
    const hasLabels = Object.keys(labels).length > 0;
    if (name === undefined || (!hasLabels && cordoned === undefined)) continue;
    yield clusterObject(cluster, {
      folder: 'nodes',
      type: 'v1/Node',
      name,
      labels: hasLabels ? labels : undefined,
      rest: cordoned === undefined ? {} : { spec: { unschedulable: cordoned } },
      places,
    });
  }
}
