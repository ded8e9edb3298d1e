import { inherit, isValueMap, located, type Value, type ValueMap } from '../../source/origin.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import type { Sourced } from '../model/gathered.ts';
import { type FileMap, hasKey, isNothing, type MapType, mapFormat } from './map-reader.ts';

/** The data of OpenCHAMI's cloud-init server: groups, defaults of the cluster, and the settings of one node. */
export const cloudInit = mapFormat({
  name: 'cloud-init',
  what: "groups, cluster defaults or instance info of OpenCHAMI's cloud-init server",
  isLike: ({ text }) =>
    hasKey(text, 'cluster-name|nid-length|short-name|boot-subnet|local-hostname|instance-id') ||
    (hasKey(text, 'file') && hasKey(text, 'content')),
  refusal: [
    'The file does not contain data of the cloud-init server of OpenCHAMI.',
    'use its answer at /cloud-init/admin/groups or /cloud-init/admin/cluster-defaults, or the data sent to it',
  ],
  // Even base64 content must be hidden, because secrets in it cannot be recognized.
  hides: 'content',
  add(value, file) {
    const refused = file.addTyped(value, TYPES);
    if (refused === undefined || !isValueMap(value)) return refused;
    // Groups by name.
    const root = file.map(value, '*');
    for (const name of root.names()) {
      const map = isValueMap(value[name.value]) ? root.map(name.value) : undefined;
      if (!map?.addAs([{ ...GROUP, add: (group) => addGroup(group, name) }])) return value;
    }
    return root.names().length === 0 ? value : undefined;
  },
});

/** The keys of meta-data that apply to all machines: with _ in the server's JSON, with - in its README and in a site. */
const META = [
  'cloud_provider',
  'cloud-provider',
  'region',
  'availability_zone',
  'availability-zone',
  'public-keys',
  'cluster-name',
];

const GROUP: MapType = {
  has: ['file', 'meta-data', 'data', 'description'],
  table: 'cloud-init groups',
  add: (map) => addGroup(map),
};

const CLUSTER = ['short-name', 'nid-length', 'boot-subnet', ...META, 'base-url', 'wg-subnet'];

const TYPES: readonly MapType[] = [
  { has: ['id', 'instance-id', 'local-hostname'], table: 'cloud-init-instance', add: addInstance },
  { has: (map) => map.has(...CLUSTER) && !map.has('name'), table: 'cloud-init-cluster', add: addCluster },
  GROUP,
];

/**
 * Adds a group. Its meta-data is in `meta-data`; the README of the server shows `data`, but the server ignores that key.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (GroupData).
 */
function addGroup(map: FileMap, nameInMap?: Sourced<string>): undefined {
  const { at } = map;
  const name = map.text('name') ?? nameInMap;
  if (!name) return map.file.wrong('A group', 'a map with a name', at);
  const metaKey = map.has('meta-data') ? 'meta-data' : 'data';
  const metaData = map.map(metaKey, '*')?.value;
  const how =
    'the server ignored it, because its key is meta-data: it is now cloud_init.meta_data, which nodes read';
  if (metaData && metaKey === 'data') map.changed('data', how);
  const file = map.map('file');
  map.found.groups.push({
    at,
    name,
    description: map.text('description'),
    metaData: metaData && { value: metaData, at: map.keyAt(metaKey) },
    userData: file && contentOf(file),
  });
}

function contentOf(file: FileMap): Sourced<string> | undefined {
  const content = file.get('content');
  if (content === undefined || content === null || content === '') return undefined;
  const at = file.keyAt('content');
  if (typeof content !== 'string') return file.file.wrong('content', 'text', at);
  const value = file.text('encoding')?.value === 'base64' ? decoded(content) : content;
  const why = 'its encoding is base64, but it is not valid base64 text: the server would have served nothing';
  return value === undefined ? file.left('content', why) : { value, at };
}

function decoded(base64: string): string | undefined {
  const plain = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.length % 4 === 1) return undefined;
  return orUndefined(() => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(plain, 'base64')));
}

/** Adds the defaults of a cluster. Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (ClusterDefaults). */
function addCluster(map: FileMap): void {
  const { at, found } = map;
  const subnet = map.text('boot-subnet');
  if (subnet) found.networks.push({ at: subnet.at, subnet });
  if (found.cluster)
    map.leaveWhole({ value: 'cluster defaults', at }, 'a site has one set of these: the first applies');
  found.cluster ??= {
    at,
    name: map.text('cluster-name'),
    shortName: map.text('short-name'),
    nidLength: map.number('nid-length'),
    metaData: metaDataOf(map, META),
  };
}

/** Returns the part of an object that belongs in the meta-data of cloud-init, or undefined if it is empty. */
function metaDataOf(map: FileMap, keys: readonly string[]): ValueMap | undefined {
  const metaData: ValueMap = located(Object.create(null), map.at);
  for (const key of keys) {
    const siteKey = key.replaceAll('_', '-');
    const value = map.get(key);
    if (isNothing(value) || siteKey in metaData) continue;
    metaData[siteKey] = value as Value;
    inherit(metaData, siteKey, map.value, key);
  }
  return Object.keys(metaData).length === 0 ? undefined : metaData;
}

/**
 * Adds the settings of one node, without its instance-id: harvgen derives that from the names of site and node.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (OpenCHAMIInstanceInfo).
 */
function addInstance(map: FileMap): undefined {
  const { at } = map;
  const id = map.xname('id');
  const xname = id && isNodeXname(id.value) ? id : undefined;
  const hostName = map.text('local-hostname');
  const name = hostName ?? map.text('hostname') ?? (xname ? undefined : id);
  if (!xname && !name) return map.file.wrong('Instance info', 'a map with an id', at);
  const metaData = metaDataOf(map, [...META, 'instance-type', 'hostname']);
  map.found.machines.push({ at, xname, name, hostName, metaData: metaData && { value: metaData, at } });
}
