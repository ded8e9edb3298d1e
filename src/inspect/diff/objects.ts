import { groupOf } from '../../knowledge/cluster-dump.ts';
import { isPatch, stepNumber } from '../../plan/cluster-steps.ts';
import { claimTemplates } from '../../site/manifests.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { isValueMap } from '../../source/origin.ts';
import { type File, textOf } from '../../tree/tree.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { quoteShell } from '../../values/quoting.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import type { SiteChange } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './files.ts';
import { firstOf, isSame, type Plain, readMap } from './values.ts';

/* The consequences of changed objects of a cluster. Programs that apply them delete no object. */

/** A Kubernetes object in a file of the tree. */
type TreeObject = NonNullable<ReturnType<typeof objectIn>>;

function objectIn(path: string, file: File | undefined, site: string) {
  const [, cluster = site, folder] =
    /^cluster(?:-secrets)?\/(?:([^/]+)\/)?([a-z]+)\/[^/]+\.yaml$/.exec(path) ?? [];
  const body = folder === undefined ? undefined : readMap(file && textOf(file));
  const { apiVersion, kind, metadata } = body ?? {};
  const { name, namespace: space } = isValueMap(metadata) ? metadata : {};
  if (!body || folder === undefined || typeof kind !== 'string' || typeof name !== 'string') return undefined;
  const [group, namespace] = [groupOf(apiVersion), typeof space === 'string' ? space : undefined];
  const id = [cluster, group, kind, namespace, name].join(' ');
  return { id, cluster, folder, group, kind, name, namespace, body };
}

/** Returns the objects that clusters keep although no later build contains them, and the changes that clusters reject. */
export function objectChanges(files: readonly FileChange[], facts: SiteFacts): SiteChange[] {
  const { name = '', clusters } = facts;
  const objectsIn = (side: 'before' | 'after') =>
    files.flatMap((file) => objectIn(file.path, file[side], name) ?? []);
  const now = new Map(objectsIn('after').map((object) => [object.id, object]));
  const old = objectsIn('before').filter(({ cluster }) => clusters.has(cluster));
  // The reverse order of applying them: a network is in use until its VMs are gone.
  const gone = old.filter(({ id }) => !now.has(id)).sort((a, b) => stepNumber(b) - stepNumber(a));
  const rejected = old.flatMap((object) => {
    const changes = rejectedChanges(object, now.get(object.id), clusters.get(object.cluster)?.version);
    if (changes.length > 0) now.delete(object.id);
    return changes;
  });
  const applied = [...clusters.keys()].flatMap((name) =>
    appliedObjects([...now.values()].filter((object) => object.cluster === name && !isOfNode(object, facts))),
  );
  return [...gone.flatMap(goneObject), ...rejected, ...applied];
}

/** Whether the changes of a node describe that of an object, because the configuration of the node contains its values. */
function isOfNode({ cluster, group, kind, name }: TreeObject, { nodes }: SiteFacts): boolean {
  if (kind === 'Node' && group === '') return true;
  if (kind === 'CloudInit') return name.startsWith('harvgen-');
  const create = [...nodes.values()].find((node) => node.cluster === cluster && node.mode === 'create');
  const { system_settings: settings, os, install } = readMap(create?.config) ?? {};
  if (kind === 'Addon') return isValueMap(install) && isValueMap(install.addons);
  const isNtp = name === 'ntp-servers' && isValueMap(os) && os.ntp_servers !== undefined;
  return kind === 'Setting' && (isNtp || (isValueMap(settings) && Object.hasOwn(settings, name)));
}

const AT_ONCE = 'at once, when cluster/ is applied';

/** When objects of a folder or a kind take effect; others do at once. */
const EFFECTS: Readonly<Record<string, string>> = {
  upgrade: 'when scripts/apply-cluster.sh runs with --upgrade',
  CloudInit: 'at the next reboot of its nodes, when cluster/ is applied',
};

/** Returns the effects of new and changed objects of a cluster. */
function appliedObjects(objects: readonly TreeObject[]): SiteChange[] {
  return [...Object.values(EFFECTS), AT_ONCE].flatMap((effect): SiteChange[] => {
    const own = objects.filter(
      ({ folder, kind }) => effect === (EFFECTS[folder] ?? EFFECTS[kind] ?? AT_ONCE),
    );
    const names = own.map(({ kind, name }) => `${kind} ${name}`);
    const cluster = own[0]?.cluster;
    const text = `cluster ${cluster}: ${effect}: ${listed(firstOf(names, 5))}`;
    return own.length > 0 ? [{ what: 'objects', name: cluster as string, after: names, text }] : [];
  });
}

/** Returns the arguments of kubectl that name an object; it knows each kind by this name. */
function argumentsFor({ group, kind, name, namespace }: TreeObject): string {
  const type = group === '' ? kind : `${kind}.${group}`;
  return `${type} ${quoteShell(name)}${namespace === undefined ? '' : ` --namespace ${namespace}`}`;
}

function goneObject(object: TreeObject): SiteChange[] {
  const { cluster, folder, group, kind, name } = object;
  // Harvester removes a Version that it has installed. A Node is a machine; its own changes list its labels.
  if (folder === 'upgrade' || (kind === 'Node' && group === '')) return [];
  const reset = (what: string, patch: string) =>
    `the cluster keeps its ${what}: kubectl patch ${argumentsFor(object)} --type merge --patch '${patch}'`;
  const how =
    kind === 'Setting' && group === 'harvesterhci.io'
      ? reset('value; for the default', '{"value":""}')
      : isPatch(object)
        ? reset('state; to disable it', '{"spec":{"enabled":false}}')
        : `delete it in the cluster, too: kubectl delete ${argumentsFor(object)}`;
  const volumes = kind === 'VirtualMachine' ? '; its volumes stay' : '';
  const text = `cluster ${cluster}: ${kind} ${name} is gone; ${how}${volumes}`;
  return [{ what: 'object', name: cluster, key: name, text }];
}

/**
 * The values of objects that never change. Sources: pkg/image/common/validator.go and pkg/webhook/resources of harvester/harvester,
 * pkg/webhook of harvester/network-controller-harvester, pkg/apis of kubernetes/kubernetes.
 */
const FIXED: readonly (readonly [kind: string, paths: string, since?: string])[] = [
  [
    'VirtualMachineImage',
    'spec.sourceType spec.url spec.pvcName spec.pvcNamespace spec.securityParameters spec.storageClassParameters spec.targetStorageClassName',
  ],
  ['VirtualMachineImage', 'spec.displayName', 'v1.6.0'],
  ['ScheduleVMBackup', 'spec.vmbackup.source'],
  ['HostNetworkConfig', 'spec.clusterNetwork spec.vlanID'],
  ['NetworkAttachmentDefinition', 'spec.config.type spec.config.bridge', 'v1.7.0'],
  ['StorageClass', 'parameters provisioner reclaimPolicy volumeBindingMode'],
  ['PersistentVolumeClaim', 'spec.accessModes spec.storageClassName spec.volumeMode spec.volumeName'],
  ['RoleBinding', 'roleRef'],
  ['ClusterRoleBinding', 'roleRef'],
  ['Secret', 'type'],
];

function rejectedChanges(old: TreeObject, now: TreeObject | undefined, release = ''): SiteChange[] {
  if (!now) return [];
  const { cluster, kind, name } = old;
  const version = parseVersion(release);
  const paths = FIXED.flatMap(([fixedKind, paths, since]) =>
    fixedKind === kind && (since === undefined || (version && isAtLeast(version, since)))
      ? paths.split(' ')
      : [],
  );
  const keys = paths.filter((path) => !isSame(valueAt(old.body, path), valueAt(now.body, path)));
  const volumesOf = ({ body }: TreeObject) =>
    kind === 'VirtualMachine' ? (claimTemplates({ body }) ?? []) : [];
  const classes = new Map(volumesOf(old).map(({ name, storageClass }) => [name, storageClass]));
  for (const { name: volume, storageClass } of volumesOf(now))
    if (classes.has(volume) && classes.get(volume) !== storageClass)
      keys.push(`the storage class of ${volume}`);
  return keys.map((key) => {
    const text = `cluster ${cluster}: ${kind} ${name}: ${key} can never change, and the cluster rejects the object; use a new name, or first delete it: kubectl delete ${argumentsFor(old)}`;
    return { what: 'object-fixed', name: cluster, key: name, text };
  });
}

/** Returns the value at a path, which can continue into the JSON of a text. */
function valueAt(body: Plain, path: string): unknown {
  return path.split('.').reduce((at: unknown, key) => {
    const map = typeof at === 'string' ? orUndefined((): unknown => JSON.parse(at)) : at;
    return isValueMap(map) ? map[key] : undefined;
  }, body);
}
