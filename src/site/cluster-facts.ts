import { harvesterMedia } from '../knowledge/tables/harvester-media.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { storageNodes } from './members.ts';
import type { Cluster, Server } from './model.ts';

/** What the configurations of a cluster's members have in common. */
export interface ClusterFacts {
  /** Where nodes join it. */
  readonly serverUrl: string | undefined;
  readonly isoUrl: string | undefined;
  /** Of volumes, where they are fewer than by default. */
  readonly replicas: number | undefined;
}

/** Makes out what the configurations of a cluster's members have in common. */
export function clusterFacts(cluster: Draft<Cluster>, server: Draft<Server> | undefined): ClusterFacts {
  return {
    serverUrl: cluster.vip && `https://${cluster.vip}:443`,
    isoUrl: isoUrl(cluster, server),
    replicas: fewReplicas(cluster),
  };
}

function isoUrl(cluster: Draft<Cluster>, server: Draft<Server> | undefined): string | undefined {
  if (!cluster.version || !cluster.arch || !server?.media?.url) return undefined;
  const version = cluster.version.text;
  return `${server.media.url}/${version}/${harvesterMedia(version, cluster.arch).iso}`;
}

/**
 * The replicas of the default storage class where the cluster has fewer nodes with storage than the three of
 * Harvester's default: volumes would stay degraded for ever (harvester/harvester#4159). Settable from v1.2.0 on.
 */
function fewReplicas(cluster: Draft<Cluster>): number | undefined {
  if (!cluster.version || !isAtLeast(cluster.version, 'v1.2.0')) return undefined;
  const count = storageNodes(cluster);
  return count > 0 && count < 3 ? count : undefined;
}
