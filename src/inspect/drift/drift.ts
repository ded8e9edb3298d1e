import { CREDENTIAL, isOwnSetting, isUserLabel, labelsOf, nameOf } from '../../knowledge/cluster-dump.ts';
import { addonKey, installedKey } from '../../knowledge/installed-keys.ts';
import { hostNameOf } from '../../site/clusters.ts';
import type { Cluster, Site } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { isValueMap, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import { locationKey } from '../../source/source.ts';
import { type ClusterObject, clusterObjects } from '../../targets/cluster/objects.ts';
import { APPLY_CLUSTER } from '../../tree/paths.ts';
import { groupedBy } from '../../values/grouped.ts';
import { deviations } from './compare.ts';
import { type Difference, type Drift, type Dump, objectName, type Unobservable } from './dump.ts';
import { factDifferences } from './facts.ts';

/** The source locations of the values that a dump shows, each with whether it only shows their file in /oem. */
type Seen = Map<string, boolean>;

/** Returns the differences between a cluster of a site and a dump of it, in the order of the objects in the tree. */
export function driftOf(site: Site, cluster: Cluster, dump: Dump): Drift {
  const objects = clusterObjects(site).filter((one) => one.cluster === cluster);
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
    differences: joined(found),
    unobservable: [...unobservable(cluster, seen), ...objects.flatMap((one) => notDumped(one, dump))],
  };
}

/** Fields that the cluster removes from settings after it has applied them, or that a script removes from a dump. */
const LOST: Readonly<Record<string, RegExp>> = {
  'backup-target': /^(?:accessKeyId|secretAccessKey)$/,
  'containerd-registry': /^auth$/i,
  'ssl-certificates': /^privateKey$/,
};

function* ofObject(object: ClusterObject, dump: Dump, seen: Seen): Iterable<Difference> {
  const { kind, name, folder, origin } = object;
  if (kind === 'Secret' || !dump.has(object)) return;
  const body = dump.find(object);
  const { declared, running, defaults } = comparedValues(object, body);
  const nodes = kind === 'Node' ? [name] : [];
  const key = name === 'ntp-servers' ? 'os.ntp_servers' : `system_settings.${name}`;
  const ofSetting = kind === 'Setting' ? installedKey(key)?.effect : undefined;
  const effect = kind === 'CloudInit' ? 'then reboot its nodes' : ofSetting;
  const mend = `run ${APPLY_CLUSTER}${effect ? `; ${effect}` : ''}`;
  const known = { object, nodes, mend, at: origin, keep: origin };
  const visit = (path: Path, isSeen: boolean) => {
    if (isSeen) seen.set(locationKey(object.at(path)), kind === 'CloudInit');
  };
  // The cluster computes the requests of a VM from its limits. Source: pkg/webhook/resources/virtualmachine.
  const isLost = (path: Path) =>
    (kind === 'Setting' && Boolean(LOST[name]?.test(String(path.at(-1))))) ||
    (kind === 'VirtualMachine' && path.join('.') === 'spec.template.spec.domain.resources.requests');
  const how = { isWhole: folder === 'settings' || kind === 'CloudInit', isLost, visit };
  const found = [...deviations(declared, body ? running : declared, how, [], defaults)];
  if (!body) yield { ...known, path: [], declared: declared.value, running: undefined };
  for (const deviation of found) {
    const { path } = deviation;
    const isExtra = deviation.declared === undefined;
    const there = object.at(isExtra ? path.slice(0, -1) : path);
    // The inventory may have no value of the object around it.
    const at = locationKey(there) === locationKey(object.at([])) ? undefined : there;
    const places = isExtra ? { at: undefined, keep: at } : at && { at, keep: at };
    // A server-side apply keeps the keys of others.
    const isKept = isExtra && !['value', 'contents'].some((text) => path.slice(0, 2).includes(text));
    yield { ...known, ...deviation, ...places, ...(isKept && { mend: 'remove it in the cluster' }) };
  }
  const others = body && kind === 'CloudInit' ? outOfSync(body) : [];
  const states = { declared: 'the file is in /oem', running: 'the file is missing or differs' };
  if (others.length > 0) yield { ...known, path: ['status', 'rollouts'], nodes: others, ...states };
}

/** Returns the values of an object, those at the same keys in the cluster, and those without a declaration. */
function comparedValues({ kind, name, body: own }: ClusterObject, body: ValueMap | undefined) {
  if (kind === 'Setting') {
    const { value, default: byDefault } = body ?? {};
    // A URL of a registration was a bare text before v1.7.2.
    const isBareUrl = (text: unknown): text is string =>
      name === 'cluster-registration-url' && typeof text === 'string' && !/^\s*(?:\{|$)/.test(text);
    const inForm = (text: unknown): Record<string, unknown> => ({
      value: isBareUrl(text) ? JSON.stringify({ url: text.trim() }) : text,
    });
    return {
      declared: inForm(own.value === '' ? (byDefault ?? '') : own.value),
      running: inForm(value || byDefault),
      defaults: { value: byDefault },
    };
  }
  const { apiVersion: _, kind: __, metadata, ...rest } = own;
  const { labels, annotations } = metadata as ValueMap;
  const meta = { ...(labels && { labels }), ...(annotations && { annotations }) };
  const shown = (keys: object, from: unknown) =>
    Object.fromEntries(
      Object.keys(keys).map((key) => [key, (isValueMap(from) ? from[key] : undefined) ?? {}]),
    );
  const declared: Record<string, unknown> = { metadata: meta, ...rest };
  return { declared, running: { metadata: shown(meta, body?.metadata), ...shown(rest, body) } };
}

/** Returns the nodes on which the file of a CloudInit is not as in the object. Source: pkg/controller/cloudinit of node-manager. */
function outOfSync({ status }: ValueMap): string[] {
  const rollouts = isValueMap(status) && isValueMap(status.rollouts) ? status.rollouts : {};
  return Object.keys(rollouts).filter((node) => {
    const rollout = rollouts[node];
    const conditions = isValueMap(rollout) && Array.isArray(rollout.conditions) ? rollout.conditions : [];
    const is = new Set(conditions.filter(isValueMap).map(({ type, status }) => `${type} ${status}`));
    return is.has('OutOfSync True') || (is.has('Applicable True') && is.has('Present False'));
  });
}

const TO_MANIFESTS = 'write it to manifests/ of the site';

/** Yields what a user added to the cluster: settings, add-ons, CloudInit resources, and labels of nodes. */
function* unlisted(objects: readonly ClusterObject[], cluster: Cluster, dump: Dump): Iterable<Difference> {
  const declared = new Map(objects.map((object) => [`${object.kind} ${object.name}`, object]));
  const others = (type: string) =>
    dump.all(type).filter((body) => !declared.has(`${body.kind} ${nameOf(body)}`));
  const extra = (body: ValueMap, path: Path, running: unknown, mend: string, keep: string): Difference => ({
    ...{ object: objectName(body), path, nodes: [], declared: undefined, running, mend, keep },
  });
  for (const body of others('Setting.harvesterhci.io')) {
    const { value, default: byDefault } = body;
    const { name } = objectName(body);
    if (isOwnSetting(name) || typeof value !== 'string' || value.trim() === '') continue;
    const how = { isWhole: true, visit: () => {} };
    const [first] = deviations(byDefault ?? '', value, how, ['value'], byDefault);
    const keep = `add the key config.system_settings.${name}`;
    if (first || value.includes(CREDENTIAL))
      yield extra(body, ['value'], value, 'set its value to empty in the cluster', keep);
  }
  for (const body of others('Addon.harvesterhci.io')) {
    const key = addonKey(objectName(body));
    const keep = key === undefined ? TO_MANIFESTS : `add the key config.install.addons.${key}.enabled`;
    if (isValueMap(body.spec) && body.spec.enabled === true)
      yield extra(body, ['spec', 'enabled'], true, 'disable it in the cluster', keep);
  }
  for (const body of others('CloudInit.node.harvesterhci.io')) {
    const mend = 'delete it in the cluster, and reboot its nodes';
    yield extra(body, [], isValueMap(body.spec) ? body.spec.filename : undefined, mend, TO_MANIFESTS);
  }
  for (const name of cluster.members.map(hostNameOf)) {
    const body = dump.find({ apiVersion: 'v1', kind: 'Node', name }) ?? {};
    const labels = labelsOf(declared.get(`Node ${name}`)?.body as ValueMap | undefined);
    for (const [label, value] of Object.entries(labelsOf(body))) {
      if (!isUserLabel(label) || Object.hasOwn(labels, label)) continue;
      const [path, mend] = [['metadata', 'labels', label], 'remove the label in the cluster'];
      yield { ...extra(body, path, value, mend, `add the key config.os.labels.${label}`), nodes: [name] };
    }
  }
}

/** Joins the differences of several nodes that have the same source and the same value. */
function joined(found: readonly Difference[]): Difference[] {
  const groups = groupedBy(found, ({ object: { kind, namespace, name }, path, nodes, at, running }) => {
    const owner = nodes.length > 0 ? kind : [kind, namespace, name].join('/');
    return JSON.stringify([owner, path, at && locationKey(at), running]);
  });
  return [...groups.values()].map((all) => ({ ...all[0], nodes: all.flatMap(({ nodes }) => nodes) }));
}

/** Returns the keys of the nodes' configurations whose effect a dump does not show. */
function unobservable(cluster: Cluster, seen: Seen): Unobservable[] {
  const found = cluster.members.flatMap(({ name, userConfig }) =>
    // The keys in the sections of a configuration, and those of its own.
    Object.entries(userConfig).flatMap(([section, keys]) => {
      const inner = isValueMap(keys)
        ? Object.keys(keys).map((key) => [`${section}.${key}`, keys, key] as const)
        : [[section, userConfig, section] as const];
      return inner.flatMap(([path, holder, key]) => {
        const states = new Set(statesOf(holder, key, seen));
        const isInFile = !states.has(undefined);
        const isKnown = (isInFile && !states.has(true)) || installedKey(path)?.reach === 'none';
        return isKnown ? [] : [{ key: `config.${path}`, isInFile, name }];
      });
    }),
  );
  const groups = groupedBy(found, ({ key, isInFile }) => `${isInFile} ${key}`);
  return Array.from(groups.values(), ([first, ...others]) => {
    const { key, isInFile } = first;
    return { key, isInFile, nodes: [first, ...others].map(({ name }) => name) };
  }).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Returns, of each value below a key, whether only its file was compared; undefined for a value that was not compared. */
function statesOf(holder: object, key: string | number, seen: Seen): (boolean | undefined)[] {
  const value = (holder as Record<string | number, unknown>)[key];
  const state = seen.get(locationKey(locationOf(holder, key as never)));
  const inner = state === undefined && typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return inner.length > 0 ? inner.flatMap((name) => statesOf(value as object, name, seen)) : [state];
}

/** Returns an object of the site's own manifests as a list, if its kind is not in a dump. */
function notDumped(object: ClusterObject, dump: Dump): Unobservable[] {
  const { kind, name, namespace, cluster } = object;
  const isDerived = locationKey(object.at([])) === locationKey(selfLocation(cluster));
  if (isDerived || (kind !== 'Secret' && dump.has(object))) return [];
  return [{ key: `${kind} ${[namespace, name].filter(Boolean).join('/')}`, isInFile: false, nodes: [] }];
}

/** Returns the cluster that a dump is of, the one with most of its nodes; undefined if none fits. */
export function clusterOf(site: Site, dump: Dump): Cluster | undefined {
  const names = new Set(dump.all('Node.').map(nameOf));
  const counts = site.clusters.map((cluster) => ({
    cluster,
    count: cluster.members.filter((node) => names.has(hostNameOf(node))).length,
  }));
  const [best] = counts.sort((a, b) => b.count - a.count);
  return best && (best.count > 0 || (names.size > 0 && best.cluster.exists)) ? best.cluster : undefined;
}
