import { Document, Scalar, visit } from 'yaml';
import { isPatch } from '../../plan/cluster-steps.ts';
import type { Cluster, Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { clusterFolder, clusterSecretsFolder } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { OPTIONS, renderManifest } from '../k8s/pod.ts';
import { isBlock } from '../render-yaml.ts';
import type { Target } from '../target.ts';
import { type ClusterObject, clusterObjects, isConfidential } from './objects.ts';

/** The subdirectory of upgrades: the cluster removes a Version that it has installed, and one that git creates again would never settle. */
const UPGRADE = 'upgrade';

const NODES = 'nodes';

/** The subdirectories by effect, in the order in which their objects need each other. */
const FOLDERS = ['settings', 'addons', NODES, 'os', 'network', 'storage', 'images', 'workloads', UPGRADE];

/** The objects of Harvester clusters, with which an installed cluster follows the inventory: a kustomization of each. */
export const cluster: Target = {
  name: 'cluster',
  *emit(site) {
    for (const one of site.clusters) {
      const objects = objectsOf(site, one);
      const open = objects.filter(isInKustomization);
      for (const object of objects) yield new LazyFile(objectPath(site, object), renderObject, object);
      if (open.length === 0) continue;
      const folder = clusterFolder(site, one);
      const kustomization = {
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        resources: open.map((object) => objectPath(site, object).slice(folder.length + 1)),
      };
      yield {
        path: `${folder}/kustomization.yaml`,
        content: renderManifest(
          kustomization,
          `${one.name}: made by harvgen. kubectl apply --server-side --force-conflicts --field-manager=harvgen -k ${folder}`,
        ),
      };
    }
  },
};

/** The subdirectories outside the kustomization: a Node whose machine has not joined would create a node without a machine. */
const OUTSIDE: readonly string[] = [NODES, UPGRADE];

/** Whether an object is in the kustomization, which engines apply server-side. */
function isInKustomization(object: ClusterObject): boolean {
  return !isConfidential(object) && !isPatch(object) && !OUTSIDE.includes(object.folder);
}

/** Returns for each cluster with objects their directories, with and without secrets. */
export function clusterFolders(site: Site) {
  return site.clusters.flatMap((one) => {
    const objects = objectsOf(site, one);
    if (objects.length === 0) return [];
    return [
      {
        name: one.name,
        open: clusterFolder(site, one),
        secrets: objects.some(isConfidential) ? clusterSecretsFolder(site, one) : undefined,
      },
    ];
  });
}

/** Returns the objects of a cluster in the order of their subdirectories. */
export function objectsOf(site: Site, cluster: Cluster): ClusterObject[] {
  const own = clusterObjects(site).filter((object) => object.cluster === cluster);
  return FOLDERS.flatMap((folder) => own.filter((object) => object.folder === folder));
}

/** Returns the path of an object in the tree: `cluster/nodes/node-n1.yaml`. */
export function objectPath(site: Pick<Site, 'name' | 'clusters'>, object: ClusterObject): string {
  const { cluster, folder, kind, name, namespace = 'default' } = object;
  const top = isConfidential(object) ? clusterSecretsFolder(site, cluster) : clusterFolder(site, cluster);
  const kebab = kind.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase();
  // Objects of Harvester's own namespaces have names of their own. No name of Kubernetes contains an underscore.
  const isPlain = namespace === 'default' || object.folder === 'addons';
  return `${top}/${folder}/${fileName(kebab, isPlain ? name : `${namespace}_${name}`)}`;
}

/** Returns the file name of an object. It has no character that leads out of a directory; names of roles can have any. */
function fileName(kind: string, name: string): string {
  return `${kind}-${name}.yaml`.replace(/[^A-Za-z0-9._-]/g, '_');
}

/** Reports objects with the same path: those that the manifests and the inventory both define, and names that differ in signs only. */
export function checkObjectPaths(site: Site, report: Report): void {
  const firsts = new Map<string, ClusterObject>();
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

function nameOf({ namespace, name }: ClusterObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Renders an object: a text with a secret in double quotes, which the placeholder's format requires. */
export function renderObject(object: ClusterObject): string {
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
