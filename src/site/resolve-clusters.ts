import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { inherit, isBroken, keyPlaceOf, lacks, type Place } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/mac.ts';
import { parseVersion } from '../values/version.ts';
import { build, read, saidOr } from './build.ts';
import type { Cluster } from './model.ts';

type ClusterInventory = NonNullable<Draft<SiteInventory>['cluster']>;

/**
 * Makes the clusters of an inventory, without their members: the one of the short form under the site's own name, or
 * those of the long form. Reports both forms at once.
 */
export function resolveClusters(inventory: Draft<SiteInventory>, report: Report): Draft<Cluster>[] {
  const { site, cluster, clusters } = inventory;
  if (cluster && clusters) {
    report.error({
      code: 'cluster-and-clusters',
      message:
        'The site has both cluster and clusters: cluster is the short form of clusters with one entry.',
      at: keyPlaceOf(inventory, 'cluster'),
      related: [{ message: 'clusters is at', at: keyPlaceOf(inventory, 'clusters') }],
      help: 'move what is under cluster into clusters, under a name of its own',
    });
  }
  if (!clusters)
    return cluster
      ? [resolveCluster(site ?? '', cluster, inventory, keyPlaceOf(inventory, 'cluster'), report)]
      : [];
  return Object.entries(clusters).flatMap(([name, one]) =>
    one ? [resolveCluster(name, one, inventory, keyPlaceOf(clusters, name), report)] : [],
  );
}

function resolveCluster(
  name: string,
  cluster: ClusterInventory,
  inventory: Draft<SiteInventory>,
  self: Place,
  report: Report,
): Draft<Cluster> {
  const { harvester } = inventory;
  const own = cluster.harvester;
  const versionFrom = own && !lacks(own, 'version') ? own : harvester;
  const archFrom = own && !lacks(own, 'arch') ? own : harvester;
  const result = build<Draft<Cluster>>(
    {
      name,
      version: read(versionFrom?.version, parseVersion),
      arch: saidOr(archFrom ?? {}, 'arch', 'amd64'),
      vip: cluster.vip,
      vipMode: saidOr(cluster, 'vip_mode', 'static'),
      vipHwAddr: read(cluster.vip_hw_addr, parseMac),
      token: cluster.token,
      members: [],
    },
    cluster,
    { vipMode: 'vip_mode', vipHwAddr: 'vip_hw_addr' },
    self,
  );
  if (!versionFrom && !isBroken(inventory, 'harvester') && !(own && isBroken(own, 'version'))) {
    report.error({
      code: 'missing-release',
      message: `It is not said which release of Harvester the cluster ${name} is to run.`,
      at: self,
      help: 'say it: `harvester: {version: v1.4.1}`',
    });
  }
  if (versionFrom) inherit(result, 'version', versionFrom);
  if (archFrom) inherit(result, 'arch', archFrom);
  return result;
}
