import {
  CREDENTIAL,
  DUMP_HEADER,
  groupOf,
  internalIpOf,
  isOwnSetting,
  isUserLabel,
  labelsOf,
  nameOf,
  objectsOf,
  VIP_SERVICE,
  vipOf,
} from '../../knowledge/cluster-dump.ts';
import { addonKey } from '../../knowledge/installed-keys.ts';
import {
  isValueMap,
  locatedList,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { grouped } from '../../values/grouped.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { emptyMap, setIn } from '../model/set-in.ts';
import { readCloudInit } from './cluster-cloud-init.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/** The roles of nodes in an inventory, as their labels in the cluster. */
const ROLE = /^node-role\.harvesterhci\.io\/(management|worker|witness)$/;

/** The default of Longhorn. */
const INSTANCE_MANAGER_CPU = '12';

/** A running Harvester cluster, as scripts/dump-cluster.sh or `kubectl get -A -o yaml` prints it. */
export const cluster: JoinedFormat = {
  name: 'cluster',
  what: 'objects of a running Harvester cluster, as scripts/dump-cluster.sh prints them',
  isLike: ({ text }) =>
    text.startsWith(DUMP_HEADER) || /^[ -]*"?apiVersion"?: "?harvesterhci\.io\//m.test(text),
  read: readingMaps((value, reader) => {
    const objects = value === null ? [] : objectsOf(value);
    const ofType = grouped(
      objects.map((object) => [`${object.kind as string}.${groupOf(object.apiVersion)}`, object]),
    );
    const all = (type: string) => ofType.get(type) ?? [];
    const nodes = [...all('Node.')].sort(byAge);
    if (nodes.length === 0) {
      const help =
        'make the file with scripts/dump-cluster.sh of an output tree, as an administrator of the cluster';
      reader.refuse('The file contains no Node of a running cluster.', help, {
        at: reader.rootLocation(value),
      });
      return;
    }
    // Only this node can contain the settings of the cluster.
    const first = nodes.find(isServer) ?? nodes[0];
    const configs = new Map(nodes.map((node) => [node, nodeConfig(node, node === first, reader)]));
    const create = (first && configs.get(first)) ?? emptyMap(reader.rootLocation(value));
    readSettings(all('Setting.harvesterhci.io'), create, [...configs.values()], reader);
    readAddons(all('Addon.harvesterhci.io'), create, reader);
    readStorage(all('StorageClass.storage.k8s.io'), all('Setting.longhorn.io'), create);
    for (const cloudInit of all('CloudInit.node.harvesterhci.io')) {
      const selected = [...configs].flatMap(([node, config]) =>
        isSelected(cloudInit, node) ? [config] : [],
      );
      readCloudInit(cloudInit, selected, reader);
    }
    for (const service of all('Service.')) {
      const { namespace } = service.metadata as ValueMap;
      if (nameOf(service) !== VIP_SERVICE.name || namespace !== VIP_SERVICE.namespace) continue;
      const at = selfLocation(service);
      const { vip, mac } = vipOf(service);
      const sourced = (text: string | undefined) => (text === undefined ? undefined : { value: text, at });
      if (vip !== undefined) reader.found.vips.push({ at, name: 'VIP', ip: sourced(vip), mac: sourced(mac) });
    }
    for (const [node, config] of configs) reader.found.machines.push(machineOf(node, config));
    noteOthers(ofType, reader);
  }),
};

function byAge(node: ValueMap, other: ValueMap): number {
  const [a, b] = [node, other].map(({ metadata }) => String((metadata as ValueMap).creationTimestamp ?? ''));
  return a === b ? 0 : String(a) < String(b) ? -1 : 1;
}

function isServer(node: ValueMap): boolean {
  return Object.hasOwn(labelsOf(node), 'node-role.kubernetes.io/control-plane');
}

/** Whether a CloudInit is for a node: the selector compares labels, and an empty one selects every node. */
function isSelected({ spec }: ValueMap, node: ValueMap): boolean {
  const selector = isValueMap(spec) && isValueMap(spec.matchSelector) ? spec.matchSelector : {};
  const labels = labelsOf(node);
  return Object.entries(selector).every(([label, value]) => labels[label] === value);
}

function nodeConfig(node: ValueMap, creates: boolean, reader: MapReader): ValueMap {
  const at = selfLocation(node);
  const config = emptyMap(at);
  const name = nameOf(node) ?? '';
  setIn(config, ['install', 'mode'], creates ? 'create' : 'join', at);
  const why = `the oldest node, which probably created the cluster: before you reinstall it, remove mode: create, and set exists: true for the cluster`;
  if (creates) reader.changed(name, why, at);
  const labels = labelsOf(node);
  for (const [label, value] of Object.entries(labels)) {
    const [, role] = ROLE.exec(label) ?? [];
    const labelAt = locationOf(labels, label);
    if (role !== undefined && String(value) === 'true') setIn(config, ['install', 'role'], role, labelAt);
    else if (isUserLabel(label)) setIn(config, ['os', 'labels', label], String(value), labelAt);
  }
  const { spec } = node;
  if (isValueMap(spec) && spec.unschedulable === true)
    reader.left(`${name} is cordoned`, 'a state of the running cluster', locationOf(spec, 'unschedulable'));
  return config;
}

function machineOf(node: ValueMap, config: ValueMap) {
  const at = selfLocation(node);
  const { status } = node;
  const info = isValueMap(status) && isValueMap(status.nodeInfo) ? status.nodeInfo : {};
  const ip = internalIpOf(node);
  return {
    at,
    name: { value: nameOf(node) ?? '', at },
    nics:
      ip === undefined
        ? []
        : [{ ips: [{ value: ip, at: isValueMap(status) ? locationOf(status, 'addresses') : at }] }],
    ...(info.architecture === 'arm64' && {
      arch: { value: 'arm64' as const, at: locationOf(info, 'architecture') },
    }),
    harvester: { config },
  };
}

function readSettings(
  settings: readonly ValueMap[],
  config: ValueMap,
  all: readonly ValueMap[],
  reader: MapReader,
): void {
  for (const setting of settings) {
    const name = nameOf(setting) ?? '';
    const text = setting.value || setting.default;
    const at = locationOf(setting, 'value');
    if (name === 'server-version' && typeof text === 'string') {
      reader.found.release = { value: text, at };
      continue;
    }
    const { value } = setting;
    const isSet = typeof value === 'string' && value.trim() !== '' && value !== setting.default;
    if (!isSet || isOwnSetting(name)) continue;
    const json = /^\s*\{/.test(value) ? orUndefined((): Value => JSON.parse(value)) : undefined;
    const content = json === undefined ? value : withoutCredentials(json, name, at, reader);
    const servers = isValueMap(content) ? content.ntpServers : undefined;
    if (name === 'ntp-servers' && Array.isArray(servers))
      for (const config of all) setIn(config, ['os', 'ntp_servers'], servers, at);
    else if (typeof content === 'string' && content.includes(CREDENTIAL)) openCredential(name, at, reader);
    else if (content !== undefined) setIn(config, ['system_settings', name], content, at);
  }
}

function openCredential(of: string, at: SourceLocation, reader: MapReader): undefined {
  reader.open(of, 'the dump contains no credentials: set it with a reference to a secret', at);
}

/** Returns a value without the credentials that the dump lacks; adds a note on each. */
function withoutCredentials(
  value: Value,
  path: string,
  at: SourceLocation,
  reader: MapReader,
): Value | undefined {
  if (typeof value === 'string' && value.includes(CREDENTIAL)) return openCredential(path, at, reader);
  if (Array.isArray(value))
    return locatedList(
      at,
      value.flatMap((inner) => {
        const content = withoutCredentials(inner, path, at, reader);
        return content === undefined ? [] : [{ value: content, at }];
      }),
    );
  if (!isValueMap(value)) return value;
  if (Object.keys(value).length === 0) return value;
  const kept = emptyMap(at);
  for (const [key, inner] of Object.entries(value)) {
    const content = withoutCredentials(inner, `${path}.${key}`, at, reader);
    if (content !== undefined) setIn(kept, [key], content, at);
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function readAddons(addons: readonly ValueMap[], config: ValueMap, reader: MapReader): void {
  for (const addon of addons) {
    const { spec, metadata } = addon;
    const name = nameOf(addon) ?? '';
    const { namespace } = metadata as ValueMap;
    if (!isValueMap(spec) || spec.enabled !== true) continue;
    const at = locationOf(spec, 'enabled');
    const key = addonKey({ name, namespace: String(namespace) });
    const left = (why: string) => reader.left(`the add-on ${displayName(name)}`, why, at);
    if (key === undefined) left('the installer does not have it: write it to manifests/ of the site');
    else setIn(config, ['install', 'addons', key, 'enabled'], true, at);
    if (key !== undefined && spec.valuesContent)
      left('its values contain those of the release: write your own to values_content');
  }
}

function readStorage(classes: readonly ValueMap[], settings: readonly ValueMap[], config: ValueMap): void {
  for (const storageClass of classes) {
    const { parameters } = storageClass;
    if (nameOf(storageClass) !== 'harvester-longhorn' || !isValueMap(parameters)) continue;
    const count = Number(parameters.numberOfReplicas);
    const path = ['install', 'harvester', 'storage_class', 'replica_count'];
    if (count > 0) setIn(config, path, count, locationOf(parameters, 'numberOfReplicas'));
  }
  for (const setting of settings) {
    if (nameOf(setting) !== 'guaranteed-instance-manager-cpu') continue;
    const [, cpu] = /^(?:\{"v1":")?(\d{1,2})\b/.exec(String(setting.value)) ?? [];
    const path = ['install', 'harvester', 'longhorn', 'default_settings', 'guaranteedInstanceManagerCPU'];
    if (cpu !== undefined && cpu !== INSTANCE_MANAGER_CPU)
      setIn(config, path, Number(cpu), locationOf(setting, 'value'));
  }
}

/** Resources of users, which a site has as manifests. */
const MANIFESTS =
  /^(?:VirtualMachineImage|KeyPair|ScheduleVMBackup|ResourceQuota)\.harvesterhci\.io$|^(?:ClusterNetwork|VlanConfig|HostNetworkConfig)\.network\.harvesterhci\.io$|^VirtualMachine\.kubevirt\.io$|^NetworkAttachmentDefinition\./;

function noteOthers(ofType: ReadonlyMap<string, readonly ValueMap[]>, reader: MapReader): void {
  for (const [type, objects] of ofType) {
    const others = objects.filter(
      (object) => !(type.startsWith('ClusterNetwork.') && nameOf(object) === 'mgmt'),
    );
    const [first] = others;
    if (!first || !MANIFESTS.test(type)) continue;
    const kind = type.replace(/\..*/, '');
    const why = 'write these objects to manifests/ of the site, if it shall manage them';
    reader.left(`${others.length} ${kind}`, why, selfLocation(first));
  }
}
