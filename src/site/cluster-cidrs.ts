import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { type Cidr, parseCidr } from '../values/ipv4.ts';
import { isAtLeast } from '../values/version.ts';
import { isUnknown } from './is-unknown.ts';
import { createNode } from './members.ts';
import type { Cluster } from './model.ts';

/** The subnet inside a cluster that its pods, or its services, have their addresses from. */
export interface ClusterCidr {
  readonly of: 'pod' | 'service';
  /** Where it is set in a configuration. */
  readonly path: string;
  readonly cidr: Cidr;
  /** Where the inventory says it; undefined where it is the default. */
  readonly at: Place | undefined;
}

/** The first release in which these subnets can be changed. */
export const CIDRS_SINCE = 'v1.5.0';

/** The address of a cluster's own DNS, unless its configuration gives another. */
export const DEFAULT_CLUSTER_DNS = '10.53.0.10';

const CIDRS = [
  ['pod', 'cluster_pod_cidr', '10.52.0.0/16'],
  ['service', 'cluster_service_cidr', '10.53.0.0/16'],
] as const;

/**
 * Gives the subnets of a cluster's pods and services, as its create node has them or by default. One is missing where a
 * fault leaves it open, and where it is said and the release would drop it.
 */
export function clusterCidrs(cluster: Draft<Cluster>): ClusterCidr[] {
  const node = createNode(cluster);
  if (!node) return [];
  const install = node.said?.install;
  return CIDRS.flatMap(([of, key, usual]) => {
    const path = `install.${key}`;
    if (isUnknown(node, path)) return [];
    const said = install?.[key];
    if (said !== undefined && cluster.version && !isAtLeast(cluster.version, CIDRS_SINCE)) return [];
    const cidr = parseCidr(said ?? usual);
    return cidr ? [{ of, path, cidr, at: install && said ? placeOf(install, key) : undefined }] : [];
  });
}
