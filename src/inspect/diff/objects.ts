import { groupOf } from '../../knowledge/cluster-dump.ts';
import { claimTemplates } from '../../site/manifests.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { isValueMap } from '../../source/origin.ts';
import { stepNumber } from '../../targets/cluster/apply.ts';
import { isPatch } from '../../targets/cluster/objects.ts';
import { type File, textOf } from '../../tree/tree.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { quoteShell } from '../../values/quoting.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import type { SiteChange } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './files.ts';
import { isSame, type Plain, readMap } from './values.ts';

/* The consequences of changed objects of a cluster. Programs that apply them delete no object. */

/** A Kubernetes object in a file of the tree. */
interface TreeObject {
  readonly cluster: string;
  readonly folder: string;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly body: Plain;
}

const PATH = /^cluster(?:-secrets)?\/(?:([^/]+)\/)?([a-z]+)\/[^/]+\.yaml$/;

function objectIn(path: string, file: File | undefined, site: string): TreeObject | undefined {
  const [, cluster = site, folder] = PATH.exec(path) ?? [];
  const body = folder === undefined ? undefined : readMap(file && textOf(file));
  const { apiVersion, kind, metadata } = body ?? {};
  const { name, namespace } = isValueMap(metadata) ? metadata : {};
  if (!body || folder === undefined || typeof kind !== 'string' || typeof name !== 'string') return undefined;
  const space = typeof namespace === 'string' ? namespace : undefined;
  return { cluster, folder, group: groupOf(apiVersion), kind, name, namespace: space, body };
}

/** Returns the objects that clusters keep although no later build contains them, and the changes that clusters reject. */
export function objectChanges(files: readonly FileChange[], facts: SiteFacts): SiteChange[] {
  const { name = '', clusters } = facts;
  const pairs = files.map(({ path, before, after }) => [
    objectIn(path, before, name),
    objectIn(path, after, name),
  ]);
  const now = new Map(pairs.flatMap(([, one]) => (one ? [[idOf(one), one] as const] : [])));
  const old = pairs.flatMap(([one]) => (one && clusters.has(one.cluster) ? [one] : []));
  // The reverse order of applying them: a network is in use until its VMs are gone.
  const gone = old.filter((one) => !now.has(idOf(one))).sort((a, b) => stepNumber(b) - stepNumber(a));
  const refused = old.map(
    (one) => [one, rejected(one, now.get(idOf(one)), clusters.get(one.cluster)?.version)] as const,
  );
  for (const [one, changes] of refused) if (changes.length > 0) now.delete(idOf(one));
  return [
    ...gone.flatMap((one) => remains(one)),
    ...refused.flatMap(([, changes]) => changes),
    ...[...clusters.keys()].flatMap((name) =>
      applied([...now.values()].filter((one) => one.cluster === name && !isOfNode(one, facts))),
    ),
  ];
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

/** Returns the effects of new and changed objects. */
function applied(objects: readonly TreeObject[]): SiteChange[] {
  const effects: readonly (readonly [effect: string, is: (one: TreeObject) => boolean])[] = [
    ['when scripts/apply-cluster.sh runs with --upgrade', ({ folder }) => folder === 'upgrade'],
    ['at the next reboot of its nodes, when cluster/ is applied', ({ kind }) => kind === 'CloudInit'],
    ['at once, when cluster/ is applied', () => true],
  ];
  return effects.flatMap(([effect, is], index): SiteChange[] => {
    const own = objects.filter((one) => is(one) && !effects.slice(0, index).some(([, other]) => other(one)));
    const [first] = own;
    if (!first) return [];
    const names = own.map(({ kind, name }) => `${kind} ${name}`);
    const shown =
      names.length > MOST ? [...names.slice(0, MOST - 1), `${names.length - MOST + 1} more`] : names;
    const text = `cluster ${first.cluster}: ${effect}: ${listed(shown)}`;
    return [{ what: 'objects', name: first.cluster, after: names, text }];
  });
}

/** The number of objects that a line shows. */
const MOST = 5;

function idOf({ cluster, group, kind, namespace, name }: TreeObject): string {
  return [cluster, group, kind, namespace, name].join(' ');
}

/** Returns the arguments of kubectl that name an object; it knows each kind by this name. */
function argumentsFor({ group, kind, name, namespace }: TreeObject): string {
  const type = group === '' ? kind : `${kind}.${group}`;
  return `${type} ${quoteShell(name)}${namespace === undefined ? '' : ` --namespace ${namespace}`}`;
}

function remains(object: TreeObject): SiteChange[] {
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
  const more = kind === 'VirtualMachine' ? '; its volumes stay' : '';
  const text = `cluster ${cluster}: ${kind} ${name} is gone; ${how}${more}`;
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

function rejected(old: TreeObject, now: TreeObject | undefined, release: string | undefined): SiteChange[] {
  if (!now) return [];
  const { cluster, kind, name } = old;
  const version = parseVersion(release ?? '');
  const paths = FIXED.flatMap(([of, paths, since]) =>
    of === kind && (since === undefined || (version && isAtLeast(version, since))) ? paths.split(' ') : [],
  );
  const keys = paths.filter((path) => !isSame(valueAt(old.body, path), valueAt(now.body, path)));
  const classes = new Map(volumesOf(old).map((one) => [one.name, one.storageClass]));
  for (const { name: volume, storageClass } of volumesOf(now))
    if (classes.has(volume) && classes.get(volume) !== storageClass)
      keys.push(`the storage class of ${volume}`);
  return keys.map((key) => {
    const text = `cluster ${cluster}: ${kind} ${name}: ${key} can never change, and the cluster rejects the object; use a new name, or first delete it: kubectl delete ${argumentsFor(old)}`;
    return { what: 'object-fixed', name: cluster, key: name, text };
  });
}

function volumesOf({ kind, body }: TreeObject) {
  return kind === 'VirtualMachine' ? (claimTemplates({ body }) ?? []) : [];
}

/** Returns the value at a path, which can continue into the JSON of a text. */
function valueAt(body: Plain, path: string): unknown {
  return path.split('.').reduce((at: unknown, key) => {
    const map = typeof at === 'string' ? orUndefined((): unknown => JSON.parse(at)) : at;
    return isValueMap(map) ? map[key] : undefined;
  }, body);
}
