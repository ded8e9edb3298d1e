import { CREDENTIAL, isUserLabel, nameOf, OWN_SETTINGS } from '../../knowledge/cluster-dump.ts';
import { installedKey } from '../../knowledge/installed-keys.ts';
import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import type { Cluster, Site } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { isValueMap, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { APPLY_CLUSTER } from '../../targets/cluster/apply.ts';
import { type ClusterObject, clusterObjects } from '../../targets/cluster/objects.ts';
import type { Draft } from '../../values/draft.ts';
import { deviations } from './compare.ts';
import type { Drift, Found, Unobservable } from './difference.ts';
import type { Dump, ObjectName } from './dump.ts';
import { Declared, placeOf } from './edits.ts';
import { factDifferences } from './facts.ts';
import { Places } from './places.ts';

/** The input of a comparison. */
export interface Compared {
  readonly site: Site;
  readonly inventory: Draft<SiteInventory>;
  readonly cluster: Cluster;
  readonly dump: Dump;
}

/** Returns the differences between a cluster of a site and a dump of it, in the order of the objects in the tree. */
export function driftOf({ site, inventory, cluster, dump }: Compared): Drift {
  const places = new Places(inventory);
  const objects = clusterObjects(site).filter((one) => one.cluster === cluster);
  const declared = new Declared(objects);
  const seen: Seen = new Map();
  const facts = [...factDifferences(cluster, dump, (at) => seen.set(locationKey(at), false))];
  const missing = new Set(facts.filter(({ running }) => running === undefined).flatMap(({ nodes }) => nodes));
  const found = [
    ...facts,
    ...objects
      .filter(({ kind, name }) => kind !== 'Node' || !missing.has(name))
      .flatMap((object) => [...ofObject(object, dump, seen)]),
    ...unlisted(objects, cluster, dump),
  ];
  return {
    site: site.name,
    cluster: cluster.name,
    differences: joined(found).map((one) => ({ ...one, ...placeOf(one, declared, places) })),
    unobservable: [...unobservable(cluster, seen), ...objects.flatMap((one) => notDumped(one, dump))],
  };
}

/** Fields that the cluster removes from settings after it has applied them, or that a script removes from a dump. */
const LOST: Readonly<Record<string, RegExp>> = {
  'backup-target': /^(?:accessKeyId|secretAccessKey)$/,
  'containerd-registry': /^auth$/i,
  'ssl-certificates': /^privateKey$/,
};

/** The part of a VM's requests that the cluster computes from its limits. Source: pkg/webhook/resources/virtualmachine. */
const COMPUTED = 'spec.template.spec.domain.resources.requests';

function* ofObject(object: ClusterObject, dump: Dump, seen: Seen): Iterable<Found> {
  const { kind, name, folder } = object;
  if (kind === 'Secret' || !dump.has(object)) return;
  const running = dump.find(object);
  const mend = mendOf(object);
  const nodes = kind === 'Node' ? [name] : [];
  const parts = partsOf(object, running);
  if (!running) {
    for (const path of pathsOf(parts)) visit(path, true);
    const at = locationIn(object, [], parts);
    yield { object, path: [], nodes, at, declared: summary(object), running: undefined, mend };
    return;
  }
  const lost = kind === 'Setting' ? LOST[name] : undefined;
  const isLost = (path: Path) =>
    lost?.test(String(path.at(-1))) || (kind === 'VirtualMachine' && path.join('.') === COMPUTED);
  const isWhole = folder === 'settings' || kind === 'CloudInit';
  for (const { path, declared, running: other, defaults } of parts)
    for (const one of deviations(declared, other, { isWhole, isLost, visit }, path, defaults))
      yield {
        object,
        nodes,
        mend,
        ...one,
        at: one.declared === undefined ? undefined : locationIn(object, one.path, parts),
      };
  if (kind === 'CloudInit')
    yield* notRolledOut(object, running, { mend, at: locationIn(object, ['spec', 'contents'], parts) });

  function visit(path: Path, isSeen: boolean): void {
    if (isSeen) seen.set(locationKey(object.at(path)), kind === 'CloudInit');
  }
}

/** The source locations of the values that a dump shows, each with whether it only shows their file in /oem. */
type Seen = Map<string, boolean>;

interface Part {
  readonly path: Path;
  readonly declared: unknown;
  readonly running: unknown;
  readonly defaults?: unknown;
}

/** Returns the parts of an object to compare, with the values in the cluster. */
function partsOf({ kind, name, body }: ClusterObject, running: ValueMap | undefined): Part[] {
  if (kind === 'Setting') {
    const { value, default: defaults } = running ?? {};
    const declared = body.value === '' ? (defaults ?? '') : body.value;
    const [one, other] = [declared, value || defaults].map((text) => settingOf(name, text));
    return [{ path: ['value'], declared: one, running: other, defaults }];
  }
  const { apiVersion: _, kind: __, metadata, ...rest } = body;
  const { labels, annotations } = metadata as Record<string, unknown>;
  const others = isValueMap(running?.metadata) ? running.metadata : {};
  return [
    ...Object.entries({ labels, annotations }).map(([key, declared]) => ({
      path: ['metadata', key],
      declared,
      running: others[key] ?? {},
    })),
    ...Object.entries(rest).map(([key, declared]) => ({
      path: [key],
      declared,
      running: running?.[key] ?? {},
    })),
  ].filter(({ declared }) => declared !== undefined);
}

/** Returns the value of a setting in its newest form. A URL of a registration was a bare text before v1.7.2. */
function settingOf(name: string, text: unknown): unknown {
  if (name !== 'cluster-registration-url' || typeof text !== 'string' || /^\s*(?:\{|$)/.test(text))
    return text;
  return JSON.stringify({ url: text.trim() });
}

/** Returns the paths of all declared values. */
function pathsOf(parts: readonly Part[]): Path[] {
  const paths: Path[] = [];
  const how = { isWhole: false, visit: (path: Path) => paths.push(path) };
  for (const { declared, path } of parts) [...deviations(declared, declared, how, path)];
  return paths;
}

/** Returns the source location of a value; for one that harvgen adds, that of the first value of the inventory in the object. */
function locationIn(object: ClusterObject, path: Path, parts: readonly Part[]): SourceLocation {
  const whole = locationKey(object.at([]));
  const locations = [path, ...pathsOf(parts)].map((one) => object.at(one));
  return locations.find((one) => locationKey(one) !== whole) ?? object.at([]);
}

function summary({ kind, body }: ClusterObject): unknown {
  return kind === 'Setting' ? body.value : undefined;
}

/** How an object of the tree gets into the cluster, and what happens then. */
function mendOf(object: ClusterObject): string {
  const { kind, name } = object;
  const effect =
    kind === 'Setting'
      ? installedKey(name === 'ntp-servers' ? 'os.ntp_servers' : `system_settings.${name}`)?.effect
      : undefined;
  return [`run ${APPLY_CLUSTER}`, kind === 'CloudInit' ? 'then reboot its nodes' : effect]
    .filter(Boolean)
    .join('; ');
}

/** Yields the nodes on which the file of a CloudInit is not as in the object. Source: pkg/controller/cloudinit of node-manager. */
function* notRolledOut(
  object: ClusterObject,
  running: ValueMap,
  { mend, at }: Pick<Found, 'mend' | 'at'>,
): Iterable<Found> {
  const rollouts = isValueMap(running.status) ? running.status.rollouts : undefined;
  const nodes = Object.entries(isValueMap(rollouts) ? rollouts : {}).flatMap(([node, rollout]) => {
    const conditions = isValueMap(rollout) && Array.isArray(rollout.conditions) ? rollout.conditions : [];
    const isTrue = (type: string, status: string) =>
      conditions.some((one) => isValueMap(one) && one.type === type && one.status === status);
    return isTrue('OutOfSync', 'True') || (isTrue('Applicable', 'True') && isTrue('Present', 'False'))
      ? [node]
      : [];
  });
  if (nodes.length === 0) return;
  const path = ['status', 'rollouts'];
  const [declared, other] = ['the file is in /oem', 'the file is missing or differs'];
  yield { object, path, nodes, at, declared, running: other, mend };
}

/** Yields what a user added to the cluster: settings, add-ons, CloudInit resources, and labels of nodes. */
function* unlisted(objects: readonly ClusterObject[], cluster: Cluster, dump: Dump): Iterable<Found> {
  const named = (kind: string) =>
    new Map(objects.flatMap((one) => (one.kind === kind ? [[one.name, one] as const] : [])));
  const [settings, addons, cloudInits, nodes] = ['Setting', 'Addon', 'CloudInit', 'Node'].map(named);
  const extra = (body: ValueMap, path: Path, running: unknown, whose: readonly string[] = []): Found => {
    const { namespace } = body.metadata as ValueMap;
    const object: ObjectName = {
      apiVersion: String(body.apiVersion),
      kind: String(body.kind),
      name: nameOf(body) ?? '',
      ...(typeof namespace === 'string' && { namespace }),
    };
    return { object, path, nodes: whose, declared: undefined, running, mend: REMOVE[object.kind] ?? '' };
  };
  for (const body of dump.all('Setting.harvesterhci.io')) {
    const { value, default: byDefault } = body;
    const name = nameOf(body) ?? '';
    if (OWN_SETTINGS.has(name) || settings?.has(name) || typeof value !== 'string' || value.trim() === '')
      continue;
    const how = { isWhole: true, visit: () => {} };
    const [first] = deviations(byDefault ?? '', value, how, ['value'], byDefault);
    if (first || value.includes(CREDENTIAL)) yield extra(body, ['value'], value);
  }
  for (const body of dump.all('Addon.harvesterhci.io')) {
    const { spec } = body;
    if (!addons?.has(nameOf(body) ?? '') && isValueMap(spec) && spec.enabled === true)
      yield extra(body, ['spec', 'enabled'], true);
  }
  for (const body of dump.all('CloudInit.node.harvesterhci.io'))
    if (!cloudInits?.has(nameOf(body) ?? ''))
      yield extra(body, [], (body.spec as ValueMap | undefined)?.filename);
  const members = new Set(cluster.members.map(({ config, name }) => config.os?.hostname ?? name));
  for (const body of dump.all('Node.')) {
    const name = nameOf(body) ?? '';
    const { labels } = body.metadata as ValueMap;
    const { metadata } = nodes?.get(name)?.body ?? {};
    const own = isValueMap(metadata) && isValueMap(metadata.labels) ? metadata.labels : {};
    for (const [label, value] of Object.entries(members.has(name) && isValueMap(labels) ? labels : {}))
      if (isUserLabel(label) && !Object.hasOwn(own, label))
        yield extra(body, ['metadata', 'labels', label], value, [name]);
  }
}

/** How an object that only the cluster has is removed. */
const REMOVE: Readonly<Record<string, string>> = {
  Setting: 'set its value to empty in the cluster',
  Addon: 'disable it in the cluster',
  CloudInit: 'delete it in the cluster, and reboot its nodes',
  Node: 'remove the label in the cluster',
};

/** Joins the differences of several nodes that have the same source and the same value. */
function joined(found: readonly Found[]): Found[] {
  const groups = new Map<string, Found>();
  for (const one of found) {
    const { object, path, nodes, at, running } = one;
    const whose = nodes.length > 0 ? object.kind : `${object.kind}/${object.namespace ?? ''}/${object.name}`;
    const key = JSON.stringify([whose, path, at && locationKey(at), running]);
    const known = groups.get(key);
    groups.set(key, known ? { ...known, nodes: [...known.nodes, ...nodes] } : one);
  }
  return [...groups.values()];
}

/** Returns the keys of the nodes' configurations whose effect a dump does not show. */
function unobservable(cluster: Cluster, seen: Seen): Unobservable[] {
  const found = new Map<string, { key: string; isInFile: boolean; nodes: string[] }>();
  for (const { name, userConfig } of cluster.members)
    for (const [section, keys] of Object.entries(userConfig))
      for (const inner of isValueMap(keys) ? Object.keys(keys) : []) {
        const states = new Set(statesOf(keys as ValueMap, inner, seen));
        if (!states.has(undefined) && !states.has(true)) continue;
        if (installedKey(`${section}.${inner}`)?.reach === 'none') continue;
        const isInFile = !states.has(undefined);
        const key = `config.${section}.${inner}`;
        const known = found.get(`${key} ${isInFile}`) ?? { key, isInFile, nodes: [] };
        known.nodes.push(name);
        found.set(`${key} ${isInFile}`, known);
      }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Returns an object of the site's own manifests as a list, if its kind is not in a dump. */
function notDumped(object: ClusterObject, dump: Dump): Unobservable[] {
  const { kind, name, namespace, cluster } = object;
  const isDerived = locationKey(object.at([])) === locationKey(selfLocation(cluster));
  if (isDerived || (kind !== 'Secret' && dump.has(object))) return [];
  return [{ key: `${kind} ${[namespace, name].filter(Boolean).join('/')}`, isInFile: false, nodes: [] }];
}

/** Returns, of each value below a key, whether only its file was compared; undefined for a value that was not compared. */
function statesOf(holder: object, key: string | number, seen: Seen): (boolean | undefined)[] {
  const value = (holder as Record<string | number, unknown>)[key];
  const own = seen.get(locationKey(locationOf(holder, key as never)));
  const inner = own === undefined && typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return inner.length > 0 ? inner.flatMap((name) => statesOf(value as object, name, seen)) : [own];
}

/** Returns the cluster that a dump is of, the one with most of its nodes; undefined if none fits. */
export function clusterOf(site: Site, dump: Dump): Cluster | undefined {
  const names = new Set(dump.all('Node.').map(nameOf));
  const counts = site.clusters.map((cluster) => ({
    cluster,
    count: cluster.members.filter(({ config, name }) => names.has(config.os?.hostname ?? name)).length,
  }));
  const [best] = [...counts].sort((a, b) => b.count - a.count);
  return best && (best.count > 0 || (names.size > 0 && best.cluster.exists)) ? best.cluster : undefined;
}
