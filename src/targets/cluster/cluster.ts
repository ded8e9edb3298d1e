import { Document, Scalar, visit } from 'yaml';
import { isPatch, STEPS, stepNumber } from '../../plan/cluster-steps.ts';
import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { encodeSecret, placeholderOf, placeholdersIn } from '../../source/placeholders.ts';
import { APPLY_CLUSTER, clusterFolder, clusterSecretsFolder } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { OPTIONS, renderManifest } from '../k8s/pod.ts';
import { isBlock } from '../render-yaml.ts';
import type { Target } from '../target.ts';
import { type ClusterObject, clusterObjects, isConfidential } from './objects.ts';

/** The subdirectories by effect, in the order in which their objects need each other. */
const FOLDERS = 'settings addons nodes os network storage images workloads upgrade'.split(' ');

/**
 * The subdirectories outside the kustomization: a Node whose machine has not joined would create a node without a machine, and the
 * cluster removes a Version that it has installed, so that one that git creates again would never settle.
 */
const OUTSIDE: readonly string[] = ['nodes', 'upgrade'];

/** Returns the objects of each cluster that has any, in the order of their subdirectories. */
function objectsByCluster(site: Site) {
  return site.clusters.flatMap((cluster) => {
    const all = clusterObjects(site).filter((object) => object.cluster === cluster);
    const objects = FOLDERS.flatMap((folder) => all.filter((object) => object.folder === folder));
    return objects.length === 0 ? [] : [{ cluster, objects }];
  });
}

/** The objects of Harvester clusters, with which an installed cluster follows the inventory: a kustomization of each. */
export const cluster: Target = {
  name: 'cluster',
  *emit(site) {
    for (const { cluster, objects } of objectsByCluster(site)) {
      for (const object of objects) yield new LazyFile(objectPath(site, object), renderObject, object);
      // Those that engines apply server-side.
      const open = objects.filter(
        (object) => !isConfidential(object) && !isPatch(object) && !OUTSIDE.includes(object.folder),
      );
      if (open.length === 0) continue;
      const folder = clusterFolder(site, cluster);
      const kustomization = {
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        resources: open.map((object) => objectPath(site, object).slice(folder.length + 1)),
      };
      const comment = `${cluster.name}: made by harvgen. kubectl apply --server-side --force-conflicts --field-manager=harvgen -k ${folder}`;
      yield { path: `${folder}/kustomization.yaml`, content: renderManifest(kustomization, comment) };
    }
  },
};

/** The script that applies the objects of a site's clusters; nothing if there are none. */
export const applyCluster: Target = {
  name: 'apply-cluster',
  *emit(site, render) {
    const clusters = objectsByCluster(site).map(({ cluster, objects }) => ({
      name: cluster.name,
      nodes: cluster.members.map(({ config, name }) => config.os?.hostname ?? name),
      steps: STEPS.flatMap(([name], number) => {
        // A Version precedes its Upgrade, which Harvester would reject.
        const taken = objects
          .filter((object) => stepNumber(object) === number)
          .sort((a, b) => Number(b.kind === 'Version') - Number(a.kind === 'Version'));
        return taken.length === 0 ? [] : [{ name, files: taken.map((object) => wordOf(site, object)) }];
      }),
    }));
    if (clusters.length === 0) return;
    const content =
      render('cluster/apply-cluster.sh', { site, clusters }) + render('cluster/apply-cluster-run.sh', {});
    yield { path: APPLY_CLUSTER, content, executable: true };
  },
};

/**
 * Returns the path of an object; for an add-on of Harvester, after `addon:<namespace>/<name>:`, because the script merges it. Server-side
 * apply would fail: the definition requires fields that belong to the release.
 */
function wordOf(site: Site, object: ClusterObject): string {
  const { namespace, name } = object;
  return `${isPatch(object) ? `addon:${namespace}/${name}:` : ''}${objectPath(site, object)}`;
}

/** Returns for each cluster with objects their directories, with and without secrets. */
export function clusterFolders(site: Site) {
  return objectsByCluster(site).map(({ cluster, objects }) => ({
    name: cluster.name,
    open: clusterFolder(site, cluster),
    secrets: objects.some(isConfidential) ? clusterSecretsFolder(site, cluster) : undefined,
  }));
}

/** Returns the path of an object in the tree: `cluster/nodes/node-n1.yaml`. */
export function objectPath(site: Pick<Site, 'name' | 'clusters'>, object: ClusterObject): string {
  const { cluster, folder, kind, name, namespace = 'default' } = object;
  const top = isConfidential(object) ? clusterSecretsFolder(site, cluster) : clusterFolder(site, cluster);
  const kebab = kind.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase();
  // Objects of Harvester's own namespaces have names of their own. No name of Kubernetes contains an underscore.
  const isPlain = namespace === 'default' || folder === 'addons';
  const file = `${kebab}-${isPlain ? name : `${namespace}_${name}`}.yaml`;
  // No character leads out of the directory; names of roles can have any.
  return `${top}/${folder}/${file.replace(/[^A-Za-z0-9._-]/g, '_')}`;
}

/** Reports objects with the same path: those that the manifests and the inventory both define, and names that differ in signs only. */
export function checkObjectPaths(site: Site, report: Report): void {
  const firsts = new Map<string, ClusterObject>();
  const nameOf = ({ namespace, name }: ClusterObject) => [namespace, name].filter(Boolean).join('/');
  for (const object of clusterObjects(site)) {
    const path = objectPath(site, object);
    // Some file systems ignore case.
    const key = path.toLowerCase();
    const first = firsts.get(key);
    firsts.set(key, first ?? object);
    if (!first) continue;
    const { kind, name, namespace } = object;
    const isSame = kind === first.kind && name === first.name && namespace === first.namespace;
    report.error({
      code: 'manifest-twice',
      message: isSame
        ? `The ${kind} ${name} is defined twice: only one definition can apply.`
        : `The ${kind} ${nameOf(object)} and the ${first.kind} ${nameOf(first)} have the same file, ${path}: one of them would be lost.`,
      at: object.origin,
      related: [{ message: 'the other is at', at: first.origin }],
      help: isSame ? 'remove one of them' : 'rename one of them',
    });
  }
}

/** Renders an object: a text with a secret in double quotes, which the placeholder's format requires. */
function renderObject(object: ClusterObject): string {
  const document = new Document(object.body, OPTIONS);
  document.commentBefore = ` ${object.cluster.name}: made by harvgen; edit the inventory instead.`;
  visit(document, {
    Scalar(key, node) {
      if (key !== 'value' || typeof node.value !== 'string') return;
      // In the contents of a CloudInit, placeholders are in double quotes already.
      const isQuoted = object.kind !== 'CloudInit' && node.value.includes('@@secret:');
      if (isQuoted) node.type = Scalar.QUOTE_DOUBLE;
      else if (node.value.includes('\n'))
        node.type = isBlock(node.value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString(OPTIONS);
}

/** Returns the placeholders in the objects of a site's clusters, each once and sorted. */
function placeholdersOf(site: Site) {
  const texts = clusterObjects(site).filter(isConfidential).map(renderObject);
  const all = new Set(texts.flatMap((text) => placeholdersIn(text).map(placeholderOf)));
  return [...all].sort().flatMap((text) => placeholdersIn(text));
}

/** Returns the names of the secrets in the objects of a site's clusters. */
export function clusterSecrets(site: Site): string[] {
  return [...new Set(placeholdersOf(site).map(({ name }) => name))];
}

/** Returns the lines `placeholder value` that apply-cluster.sh substitutes; each value is escaped for its place. */
export function clusterValues(site: Site, values: SecretValues): string {
  return placeholdersOf(site)
    .map((mark) => `${placeholderOf(mark)} ${encodeSecret(values.get(mark.name) ?? '', mark.format)}\n`)
    .join('');
}
