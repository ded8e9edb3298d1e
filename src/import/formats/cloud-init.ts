import {
  inherit,
  isValueMap,
  keyLocationOf,
  located,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import type { Sourced } from '../joined/gathered.ts';
import type { JoinedKind } from './file-reader.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/** What the cloud-init server of OpenCHAMI answers or takes: groups, defaults of the cluster, and what is said of one node. */
export const cloudInit: JoinedKind = {
  name: 'cloud-init',
  what: "groups, cluster defaults or instance info of OpenCHAMI's cloud-init server",
  isLike: ({ text }) =>
    /(^|[\s{,])"?(cluster-name|nid-length|short-name|boot-subnet|local-hostname|instance-id)"?\s*:/.test(
      text,
    ) ||
    (/(^|[\s{,])"?file"?\s*:/.test(text) && /(^|[\s{,])"?content"?\s*:/.test(text)),
  // In base64, too, secrets of a content are not to be told from the rest.
  read: readingMaps((value, reader) => {
    if (value !== null && !addAll(value, reader))
      reader.refuse(
        'This is nothing that the cloud-init server of OpenCHAMI answers.',
        'give what it answers at /cloud-init/admin/groups or /cloud-init/admin/cluster-defaults, or what was put into it',
        { at: reader.rootPlace(value) },
      );
  }, 'content'),
};

/** Adds a list of objects, a map of groups by their names, or one object; says whether it was the server's. */
function addAll(value: Value, reader: MapReader): boolean {
  if (Array.isArray(value)) return reader.maps(value, 'The list').every((map) => addObject(map, reader));
  if (!isValueMap(value)) return false;
  if (addObject(value, reader)) return true;
  const names = Object.keys(value);
  const isAdded = (name: string) => {
    const held = value[name];
    return isValueMap(held) && addGroup(held, reader, { value: name, at: keyLocationOf(value, name) });
  };
  return names.length > 0 && names.every(isAdded);
}

/** Adds an object, by the keys that only such a one has; says whether it was one. */
function addObject(map: ValueMap, reader: MapReader): boolean {
  const has = (key: string) => Object.hasOwn(map, key);
  if (['id', 'instance-id', 'local-hostname'].some(has)) addInstance(map, reader);
  else if ([...CLUSTER.split(' '), 'base-url', 'wg-subnet'].some(has) && !has('name'))
    addCluster(map, reader);
  else return addGroup(map, reader);
  return true;
}

/**
 * Adds a group. Its meta-data is `meta-data`, and `data` in the README of the server, which took no notice of that.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (GroupData).
 */
function addGroup(map: ValueMap, reader: MapReader, key?: Sourced<string>): boolean {
  if (!['file', 'meta-data', 'data', 'description'].some((one) => Object.hasOwn(map, one))) return false;
  const name = reader.text(map, 'name') ?? key;
  const left = { 'git has the versions of a site': 'versions' };
  reader.rest(map, 'name description meta-data data file', left, 'groups ');
  if (!name) {
    reader.wrong('A group', 'one with a name', selfLocation(map));
    return true;
  }
  const metaKey = Object.hasOwn(map, 'meta-data') ? 'meta-data' : 'data';
  const metaData = reader.mapIn(map, metaKey);
  const why =
    'the server knows it as meta-data, and took no notice of it: it is cloud_init.meta_data now, and nodes find it';
  if (metaData && metaKey === 'data') reader.changed('data', why, keyLocationOf(map, 'data'));
  const file = reader.mapIn(map, 'file');
  reader.found.groups.push({
    at: selfLocation(map),
    name,
    description: reader.text(map, 'description'),
    metaData: metaData && { value: metaData, at: keyLocationOf(map, metaKey) },
    userData: file && contentOf(file, reader),
  });
  return true;
}

function contentOf(file: ValueMap, reader: MapReader): Sourced<string> | undefined {
  reader.rest(file, 'content encoding filename name', {}, 'file ');
  const { content } = file;
  if (content === undefined || content === null || content === '') return undefined;
  const at = keyLocationOf(file, 'content');
  if (typeof content !== 'string') return reader.wrong('content', 'text', at);
  if (reader.text(file, 'encoding')?.value !== 'base64') return { value: content, at };
  const value = decoded(content);
  if (value !== undefined) return { value, at };
  return reader.left(
    { value: 'content', at },
    'it is said to be base64, and is no text in it: the server would have handed nothing out',
  );
}

function decoded(base64: string): string | undefined {
  const plain = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.length % 4 === 1) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(plain, 'base64'));
  } catch {
    return undefined;
  }
}

/** What meta-data of cloud-init says of all machines, by the keys that the server has for it, in JSON and in its README. */
const META = {
  cloud_provider: 'cloud_provider',
  'cloud-provider': 'cloud_provider',
  region: 'region',
  'availability-zone': 'availability_zone',
  'public-keys': 'public-keys',
  'cluster-name': 'cluster-name',
};

const CLUSTER = `short-name nid-length boot-subnet ${Object.keys(META).join(' ')}`;

/** Adds the defaults of a cluster. Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (ClusterDefaults). */
function addCluster(map: ValueMap, reader: MapReader): void {
  const { found } = reader;
  const at = selfLocation(map);
  if (found.cluster)
    reader.left({ value: 'cluster defaults', at }, 'a site has one cluster of these: the first counts');
  else {
    reader.rest(map, CLUSTER, {
      'cloud-init fetches from server.url': 'base-url',
      'harvgen makes no tunnel': 'wg-subnet',
    });
    found.cluster = {
      at,
      name: reader.text(map, 'cluster-name'),
      shortName: reader.text(map, 'short-name'),
      nidLength: reader.number(map, 'nid-length'),
      metaData: metaDataOf(map),
    };
  }
  const subnet = reader.text(map, 'boot-subnet');
  if (subnet) found.networks.push({ at: subnet.at, subnet });
}

/** Gives what an object says that belongs into the meta-data of cloud-init; undefined where it says nothing of it. */
function metaDataOf(map: ValueMap): ValueMap | undefined {
  const metaData: ValueMap = located(Object.create(null), selfLocation(map));
  for (const [key, as] of Object.entries(META)) {
    const value: Value | undefined = map[key];
    if (value === undefined || value === null || value === '' || as in metaData) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    metaData[as] = value;
    inherit(metaData, as, map, key);
  }
  return Object.keys(metaData).length === 0 ? undefined : metaData;
}

/**
 * Adds what is said of one node. Its instance-id is harvgen's own: it follows from the names of site and node, and stays.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (OpenCHAMIInstanceInfo).
 */
function addInstance(map: ValueMap, reader: MapReader): undefined {
  const at = selfLocation(map);
  const id = reader.xname(map, 'id');
  const xname = id && isNodeXname(id.value) ? id : undefined;
  const name = reader.text(map, 'local-hostname') ?? reader.text(map, 'hostname') ?? (xname ? undefined : id);
  const instanceType = reader.text(map, 'instance-type');
  reader.rest(map, `id local-hostname hostname instance-type ${Object.keys(META).join(' ')}`, {
    'it follows from the names of site and node: cloud-init runs once as on a new machine': 'instance-id',
    'cloud-init fetches from server.url': 'cloud-init-base-url',
  });
  if (!xname && !name) return reader.wrong('What is said of an instance', 'of one with an id', at);
  const metaData = metaDataOf(map);
  if (metaData && instanceType) {
    metaData['instance-type'] = instanceType.value;
    inherit(metaData, 'instance-type', map);
  }
  reader.found.machines.push({ at, xname, name, metaData: metaData && { value: metaData, at } });
}
