import { parseYamlValue } from '../../inventory/parse.ts';
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
import { Report } from '../../source/diagnostics/report.ts';
import {
  isValueMap,
  locatedList,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import { Source, type SourceLocation } from '../../source/source.ts';
import { grouped } from '../../values/grouped.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { emptyMap, setIn } from '../model/config-values.ts';
import type { GatheredMachine } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import { type MapFile, mapFormat } from './map-reader.ts';

/** The roles of nodes in an inventory, as their labels in the cluster. */
const ROLE = /^node-role\.harvesterhci\.io\/(management|worker|witness)$/;

/** The default of Longhorn. */
const INSTANCE_MANAGER_CPU = '12';

/** The todo for a credential, which the dump lacks. */
const REMOVED = 'the dump does not contain this credential: set it with a reference to a secret';

/** A running Harvester cluster, as scripts/dump-cluster.sh or `kubectl get -A -o yaml` prints it. */
export const cluster = mapFormat({
  name: 'cluster',
  what: 'objects of a running Harvester cluster, as scripts/dump-cluster.sh prints them',
  isLike: ({ text }) =>
    text.startsWith(DUMP_HEADER) || /^[ -]*"?apiVersion"?: "?harvesterhci\.io\//m.test(text),
  refusal: [
    'The file contains no Node of a running cluster.',
    'make the file with scripts/dump-cluster.sh of an output tree, as an administrator of the cluster',
  ],
  add(value, file) {
    const ofType = grouped(
      objectsOf(value).map((object) => [`${object.kind as string}.${groupOf(object.apiVersion)}`, object]),
    );
    const all = (type: string): readonly ValueMap[] => ofType.get(type) ?? [];
    const nodes = [...all('Node.')].sort(byAge);
    // Only this node can contain the settings of the cluster.
    const first = nodes.find(isServer) ?? nodes[0];
    if (!first) return value;
    const configs = new Map(nodes.map((node) => [node, nodeConfig(node, node === first, file)]));
    const create = configs.get(first) ?? emptyMap(file.rootLocation(value));
    readSettings(all('Setting.harvesterhci.io'), create, [...configs.values()], file);
    readAddons(all('Addon.harvesterhci.io'), create, file);
    readStorage(all('StorageClass.storage.k8s.io'), all('Setting.longhorn.io'), create);
    for (const cloudInit of all('CloudInit.node.harvesterhci.io')) {
      const selected = [...configs].flatMap(([node, config]) =>
        isSelected(cloudInit, node) ? [config] : [],
      );
      readCloudInit(cloudInit, selected, file);
    }
    for (const service of all('Service.')) {
      if (nameOf(service) !== VIP_SERVICE.name || namespaceOf(service) !== VIP_SERVICE.namespace) continue;
      const at = selfLocation(service);
      const { vip, mac } = vipOf(service);
      const ip = vip === undefined ? undefined : { value: vip, at };
      if (ip)
        file.found.vips.push({
          at,
          name: 'VIP',
          ip,
          mac: mac === undefined ? undefined : { value: mac, at },
        });
    }
    for (const [node, config] of configs) file.found.machines.push(machineOf(node, config));
    noteOthers(ofType, file);
    return undefined;
  },
});

/** Returns the map at a path of keys; an empty one, without a location, if there is none. */
function mapAt(value: Value | undefined, ...path: readonly string[]): ValueMap {
  let inner = value;
  for (const key of path) inner = isValueMap(inner) ? inner[key] : undefined;
  return isValueMap(inner) ? inner : {};
}

function namespaceOf(object: ValueMap): string {
  return String(mapAt(object, 'metadata').namespace);
}

function byAge(node: ValueMap, other: ValueMap): number {
  const [a = '', b = ''] = [node, other].map((one) => String(mapAt(one, 'metadata').creationTimestamp ?? ''));
  return a === b ? 0 : a < b ? -1 : 1;
}

function isServer(node: ValueMap): boolean {
  return Object.hasOwn(labelsOf(node), 'node-role.kubernetes.io/control-plane');
}

/** Whether a CloudInit is for a node: the selector compares labels, and an empty one selects every node. */
function isSelected(cloudInit: ValueMap, node: ValueMap): boolean {
  const labels = labelsOf(node);
  const selector = Object.entries(mapAt(cloudInit, 'spec', 'matchSelector'));
  return selector.every(([label, value]) => labels[label] === value);
}

function nodeConfig(node: ValueMap, creates: boolean, file: MapFile): ValueMap {
  const at = selfLocation(node);
  const config = emptyMap(at);
  const name = nameOf(node) ?? '';
  setIn(config, ['install', 'mode'], creates ? 'create' : 'join', at);
  const how =
    'the oldest node, which probably created the cluster: before you reinstall it, remove mode: create, and set exists: true for the cluster';
  if (creates) file.changed(name, how, at);
  const labels = labelsOf(node);
  for (const [label, value] of Object.entries(labels)) {
    const [, role] = ROLE.exec(label) ?? [];
    const labelAt = locationOf(labels, label);
    if (role !== undefined && String(value) === 'true') setIn(config, ['install', 'role'], role, labelAt);
    else if (isUserLabel(label)) setIn(config, ['os', 'labels', label], String(value), labelAt);
  }
  const spec = mapAt(node, 'spec');
  for (const [key, what] of Object.entries({ unschedulable: 'is cordoned', taints: 'has taints' }))
    if (spec[key]) file.left(`${name} ${what}`, 'a state of the running cluster', locationOf(spec, key));
  return config;
}

function machineOf(node: ValueMap, config: ValueMap): GatheredMachine {
  const at = selfLocation(node);
  const info = mapAt(node, 'status', 'nodeInfo');
  const ip = internalIpOf(node);
  const isArm = info.architecture === 'arm64';
  return {
    at,
    name: { value: nameOf(node) ?? '', at },
    nics:
      ip === undefined ? [] : [{ ips: [{ value: ip, at: locationOf(mapAt(node, 'status'), 'addresses') }] }],
    ...(isArm && { arch: { value: 'arm64', at: locationOf(info, 'architecture') } }),
    harvester: { config },
  };
}

function readSettings(
  settings: readonly ValueMap[],
  config: ValueMap,
  all: readonly ValueMap[],
  file: MapFile,
): void {
  for (const setting of settings) {
    const name = nameOf(setting) ?? '';
    const { value } = setting;
    const text = value || setting.default;
    const at = locationOf(setting, 'value');
    const isSet = typeof value === 'string' && value.trim() !== '' && value !== setting.default;
    if (name === 'server-version' && typeof text === 'string') file.found.release = { value: text, at };
    else if (isSet && !isOwnSetting(name)) {
      const json = /^\s*\{/.test(value) ? orUndefined((): Value => JSON.parse(value)) : undefined;
      const content = withoutCredentials(json ?? value, name, at, file);
      const { ntpServers } = mapAt(content);
      if (name === 'ntp-servers' && Array.isArray(ntpServers))
        for (const node of all) setIn(node, ['os', 'ntp_servers'], ntpServers, at);
      else if (content !== undefined) setIn(config, ['system_settings', name], content, at);
    }
  }
}

/** Returns a value without the credentials that the dump lacks; adds a note on each. */
function withoutCredentials(
  value: Value,
  path: string,
  at: SourceLocation,
  file: MapFile,
): Value | undefined {
  if (typeof value === 'string' && value.includes(CREDENTIAL)) return file.open(path, REMOVED, at);
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value);
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const content = withoutCredentials(inner, isList ? path : `${path}.${key}`, at, file);
    return content === undefined ? [] : [{ key, value: content, at }];
  });
  if (isList) return locatedList(at, kept);
  const map = emptyMap(at);
  for (const { key, value: content } of kept) setIn(map, [key], content, at);
  return kept.length > 0 || Object.keys(value).length === 0 ? map : undefined;
}

function readAddons(addons: readonly ValueMap[], config: ValueMap, file: MapFile): void {
  for (const addon of addons) {
    const spec = mapAt(addon, 'spec');
    const name = nameOf(addon) ?? '';
    if (spec.enabled !== true) continue;
    const at = locationOf(spec, 'enabled');
    const key = addonKey({ name, namespace: namespaceOf(addon) });
    const left = (why: string, of = 'enabled') =>
      file.left(`the add-on ${displayName(name)}`, why, locationOf(spec, of));
    if (key === undefined) left('the installer does not have it: write it to manifests/ of the site');
    else setIn(config, ['install', 'addons', key, 'enabled'], true, at);
    if (key !== undefined && spec.valuesContent)
      left('its values contain those of the release: write your own to values_content', 'valuesContent');
  }
}

function readStorage(classes: readonly ValueMap[], settings: readonly ValueMap[], config: ValueMap): void {
  const set = (path: readonly string[], value: number, holder: ValueMap, key: string) =>
    setIn(config, ['install', 'harvester', ...path], value, locationOf(holder, key));
  for (const storageClass of classes.filter((one) => nameOf(one) === 'harvester-longhorn')) {
    const parameters = mapAt(storageClass, 'parameters');
    const count = Number(parameters.numberOfReplicas);
    if (count > 0) set(['storage_class', 'replica_count'], count, parameters, 'numberOfReplicas');
  }
  for (const setting of settings.filter((one) => nameOf(one) === 'guaranteed-instance-manager-cpu')) {
    const [, cpu] = /^(?:\{"v1":")?(\d{1,2})\b/.exec(String(setting.value)) ?? [];
    const path = ['longhorn', 'default_settings', 'guaranteedInstanceManagerCPU'];
    if (cpu !== undefined && cpu !== INSTANCE_MANAGER_CPU) set(path, Number(cpu), setting, 'value');
  }
}

/** The names of the objects that are read, by their types. */
const READ: Readonly<Record<string, RegExp>> = {
  'Node.': /^/,
  'Setting.harvesterhci.io': /^/,
  'Addon.harvesterhci.io': /^/,
  'CloudInit.node.harvesterhci.io': /^/,
  'StorageClass.storage.k8s.io': /^harvester-longhorn$/,
  'Setting.longhorn.io': /^guaranteed-instance-manager-cpu$/,
  'Service.': new RegExp(`^${VIP_SERVICE.name}$`),
  'ClusterNetwork.network.harvesterhci.io': /^mgmt$/,
};

function noteOthers(ofType: ReadonlyMap<string, readonly ValueMap[]>, file: MapFile): void {
  for (const [type, objects] of ofType) {
    const others = objects.filter((object) => !READ[type]?.test(nameOf(object) ?? ''));
    const [first] = others;
    const why = 'write these objects to manifests/ of the site, if it shall manage them';
    if (first) file.left(`${others.length} ${type.replace(/\..*/, '')}`, why, selfLocation(first));
  }
}

/** The user of an installed node. */
const USER = 'rancher';

/** Keys whose values are lists: the entries of several resources are joined. */
const LISTS: readonly string[] = ['ssh_authorized_keys', 'modules', 'write_files', 'dns_nameservers'];

/** The stages of cloud-init at a boot. */
const STAGE = /^(?:initramfs|network|boot|rootfs)(?:\.after)?$/;

/** Reads the contents of a CloudInit back into the configurations of its nodes, and adds notes on the rest. */
function readCloudInit(cloudInit: ValueMap, configs: readonly ValueMap[], file: MapFile): void {
  const spec = mapAt(cloudInit, 'spec');
  const at = isValueMap(cloudInit.spec) ? locationOf(spec, 'contents') : selfLocation(cloudInit);
  const text = typeof spec.contents === 'string' ? spec.contents : '';
  const { stages } = mapAt(parseYamlValue(new Source('', text), new Report()));
  const left = (what: string, why: string) =>
    file.left(`CloudInit ${displayName(nameOf(cloudInit) ?? '')}${what}`, why, at);
  if (spec.paused === true) left(' is paused', 'a state of the running cluster');
  if (!isValueMap(stages)) left('', 'its contents are not stages of cloud-init');
  for (const [stage, steps] of Object.entries(mapAt(stages)))
    for (const [key, content] of (Array.isArray(steps) ? steps : []).flatMap((step) =>
      Object.entries(mapAt(step)),
    )) {
      if (key === 'name') continue;
      const entries = STAGE.test(stage) ? [...entriesOf(key, content, at)] : [undefined];
      if (entries.includes(undefined)) left(`: ${stage} ${key}`, 'no key of the configuration does this');
      for (const [path, value] of entries.filter((entry) => entry !== undefined))
        if (JSON.stringify(value).includes(CREDENTIAL)) file.open(`os.${path.join('.')}`, REMOVED, at);
        else if (!configs.every((config) => add(config, path, value, at)))
          left(`: ${path.join('.')}`, 'another CloudInit sets it, too');
    }
}

/** Adds a value below `os` of a configuration, unless it is there. Returns false if another value is there. */
function add(config: ValueMap, path: readonly string[], value: Value, at: SourceLocation): boolean {
  const isList = LISTS.includes(path[0] ?? '');
  const whole = ['os', ...path];
  const known = mapAt(config, ...whole.slice(0, -1))[whole.at(-1) ?? ''];
  if ([known ?? []].flat().some((item) => JSON.stringify(item) === JSON.stringify(value))) return true;
  if (known !== undefined && !isList) return false;
  setIn(config, whole, isList ? locatedList(at, [{ value, at }]) : value, at);
  return true;
}

/** A value for a key of `os`; undefined for what no key does. */
type Entry = readonly [path: readonly string[], value: Value] | undefined;

function* entriesOf(key: string, value: Value, at: SourceLocation): Iterable<Entry> {
  const isList = key === 'files' || key === 'commands';
  if (isList ? !Array.isArray(value) : !isValueMap(value)) yield undefined;
  else
    for (const [name, content] of Object.entries(value as ValueMap)) {
      if (key === 'sysctl') yield [['sysctls', name], String(content)];
      else if (key === 'environment') yield [[key, name], String(content)];
      else if (key === 'files') yield fileEntry(content, at);
      else if (key === 'commands') yield* commandEntries(String(content));
      else if (key === 'authorized_keys' && name === USER && Array.isArray(content))
        for (const line of content) yield [['ssh_authorized_keys'], String(line)];
      else if (key === 'users' && name === USER && isValueMap(content) && content.passwd !== undefined)
        yield [['password'], String(content.passwd)];
      else yield undefined;
    }
}

function fileEntry(file: Value, at: SourceLocation): Entry {
  if (!isValueMap(file) || typeof file.path !== 'string') return undefined;
  const { path, content = '', encoding, permissions: mode, ownerstring: owner } = file;
  const permissions = typeof mode === 'number' ? `0${mode.toString(8)}` : mode;
  const entry = emptyMap(at);
  for (const [key, value] of Object.entries({ path, content, encoding, permissions, owner }))
    if (value !== undefined && value !== '') setIn(entry, [key], value, at);
  return [['write_files'], entry];
}

/** The commands that the installer itself uses: for modules, and for DNS servers in a file or profile. */
function* commandEntries(command: string): Iterable<Entry> {
  const [, module] = /^modprobe ([\w-]+)$/.exec(command) ?? [];
  const [, servers] = /DNS_STATIC_SERVERS="([\d. ]+)"|dns=([\d.;]+);/.exec(command)?.filter(Boolean) ?? [];
  if (module !== undefined) yield [['modules'], module];
  else if (servers === undefined) yield undefined;
  else for (const server of servers.split(/[ ;]+/)) yield [['dns_nameservers'], server];
}
