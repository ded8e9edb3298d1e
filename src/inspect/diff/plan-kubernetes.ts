import { type Tree, textOf } from '../../tree/tree.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

const KUSTOMIZATION = 'k8s/kustomization.yaml';
const NGINX_OF_PODS = 'k8s/nginx/site.conf';

/** What nginx in a pod wants to have filled in, by its name: src/targets/nginx/fill-stamp.ts. */
const WANTED = /_fills != ([0-9a-f]{16})\)/;

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
  const secret = secretStep(files);
  const isDue = isNewImage || isApplied || isNginx;
  // Pods wait for a Secret that is not there, and hand out no configuration with another one than they want.
  const first = secret === 'apply' ? 'the Secret first, then ' : '';
  const gone = files.filter(isGone).map(({ path }) => path);
  const steps = [
    isNewImage ? 'build the image (k8s/Containerfile) with another tag' : '',
    isDue ? `apply ${first}k8s/ as README.md says` : '',
    secret === 'delete' ? 'delete the Secret, which the pods do not need any more' : '',
    gone.length > 0 ? `delete what was made of ${gone.join(', ')}` : '',
  ].filter(Boolean);
  return steps.length > 0 ? [{ what: 'kubernetes', text: `for Kubernetes ${steps.join(', ')}` }] : [];
}

/** Says what becomes of the Secret, by what pods want to be filled in. */
function secretStep(files: readonly FileChange[]): 'apply' | 'delete' | undefined {
  const conf = files.find(({ path }) => path === NGINX_OF_PODS);
  const [old, now] = [conf?.before, conf?.after].map((file) => file && WANTED.exec(textOf(file))?.[1]);
  if (old === now) return undefined;
  return now === undefined ? 'delete' : 'apply';
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
