import { isPatch, STEPS, stepNumber } from '../../plan/cluster-steps.ts';
import type { SecretValues } from '../../secrets/source.ts';
import type { Cluster, Site } from '../../site/model.ts';
import { encodeSecret, placeholderOf, placeholdersIn } from '../../source/placeholders.ts';
import { APPLY_CLUSTER } from '../../tree/paths.ts';
import type { Target } from '../target.ts';
import { objectPath, objectsOf, renderObject } from './cluster.ts';
import { type ClusterObject, clusterObjects, isConfidential } from './objects.ts';

/** The script that applies the objects of a site's clusters; nothing if there are none. */
export const applyCluster: Target = {
  name: 'apply-cluster',
  *emit(site, render) {
    const clusters = site.clusters.flatMap((cluster) => {
      const objects = objectsOf(site, cluster);
      return objects.length === 0 ? [] : [clusterData(site, cluster, objects)];
    });
    if (clusters.length === 0) return;
    const content =
      render('cluster/apply-cluster.sh', { site, clusters }) + render('cluster/apply-cluster-run.sh', {});
    yield { path: APPLY_CLUSTER, content, executable: true };
  },
};

function clusterData(site: Site, cluster: Cluster, objects: readonly ClusterObject[]) {
  const steps = STEPS.flatMap(([name], number) => {
    const own = objects.filter((object) => stepNumber(object) === number).sort(versionFirst);
    return own.length === 0 ? [] : [{ name, files: own.map((object) => wordOf(site, object)) }];
  });
  return {
    name: cluster.name,
    nodes: cluster.members.map(({ config, name }) => config.os?.hostname ?? name),
    steps,
  };
}

/** Sorts a Version before its Upgrade, which Harvester would reject. */
function versionFirst(one: ClusterObject, other: ClusterObject): number {
  return Number(other.kind === 'Version') - Number(one.kind === 'Version');
}

/**
 * Returns the path of an object; for an add-on of Harvester, after `addon:<namespace>/<name>:`, because the script merges it. Server-side
 * apply would fail: the definition requires fields that belong to the release.
 */
function wordOf(site: Site, object: ClusterObject): string {
  const { namespace, name } = object;
  return `${isPatch(object) ? `addon:${namespace}/${name}:` : ''}${objectPath(site, object)}`;
}

/** Returns the placeholders in the objects of a site's clusters, each once and sorted. */
function placeholdersOf(site: Site): string[] {
  const texts = clusterObjects(site).filter(isConfidential).map(renderObject);
  return [...new Set(texts.flatMap((text) => placeholdersIn(text).map(placeholderOf)))].sort();
}

/** Returns the names of the secrets in the objects of a site's clusters. */
export function clusterSecrets(site: Site): string[] {
  return [...new Set(placeholdersOf(site).flatMap((text) => placeholdersIn(text).map(({ name }) => name)))];
}

/** Returns the lines `placeholder value` that apply-cluster.sh substitutes; each value is escaped for its place. */
export function clusterValues(site: Site, values: SecretValues): string {
  return placeholdersOf(site)
    .flatMap((text) => placeholdersIn(text))
    .map((mark) => `${placeholderOf(mark)} ${encodeSecret(values.get(mark.name) ?? '', mark.format)}\n`)
    .join('');
}
