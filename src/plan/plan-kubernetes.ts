import { type Tree, textOf } from '../output/tree.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

const KUSTOMIZATION = 'k8s/kustomization.yaml';

/** Whatever serves, this says in which namespace. */
const SERVICE = 'k8s/service.yaml';

/** A part of the tree that comes in a ConfigMap: none is there where an image has the tree. */
const PART = /^k8s\/tree-[^/]+\.yaml$/;

/** What is in the image, and no object of the cluster. */
const IN_IMAGE = /^(www|k8s\/nginx)\/|^nginx\/fills-/;

/** Says whether pods serve a tree. */
export function hasPods(tree: Tree): boolean {
  return tree.has(KUSTOMIZATION);
}

/** Says what is to be done with the cluster, once the tree is built, so that its pods serve it. Takes the files that are others. */
export function kubernetesChange(files: readonly FileChange[], after: Tree): SiteChange[] {
  if (!hasPods(after)) return goneChange(files);
  const isInImage = ![...after.keys()].some((path) => PART.test(path));
  const isNewImage = isInImage && files.some(({ path }) => IN_IMAGE.test(path));
  const isApplied = files.some(({ path }) => path.startsWith('k8s/') && path.endsWith('.yaml'));
  const isNginx = !isInImage && files.some(({ path }) => path.startsWith('k8s/nginx/'));
  const gone = files.filter(isGone).map(({ path }) => path);
  const steps = [
    isNewImage ? 'build the image (k8s/Containerfile) with another tag' : '',
    isNewImage || isApplied || isNginx ? 'apply k8s/ as README.md says' : '',
    gone.length > 0 ? `delete what was made of ${gone.join(', ')}` : '',
  ].filter(Boolean);
  return steps.length > 0 ? [{ what: 'kubernetes', text: `for Kubernetes ${steps.join(', ')}` }] : [];
}

/** Says whether a file is gone whose object would go on to serve, or to lead there. Parts of a tree before do neither. */
function isGone({ path, change }: FileChange): boolean {
  return change === 'removed' && /^k8s\/[^/]+\.yaml$/.test(path) && !PART.test(path);
}

/** No command of the new tree knows of pods that are left. */
function goneChange(files: readonly FileChange[]): SiteChange[] {
  const was = files.find(({ path, change }) => path === SERVICE && change === 'removed')?.before;
  if (!was) return [];
  const namespace = /^ {2}namespace: (\S+)$/m.exec(textOf(was))?.[1] ?? '';
  const text = `the site has no pods any more: delete those in the namespace ${namespace}, with what else is there of them`;
  return [{ what: 'kubernetes', before: namespace, text }];
}
