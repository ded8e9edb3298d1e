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
import { orUndefined } from '../../values/or-undefined.ts';
import type { Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { type MapReader, readingMaps } from './map-reader.ts';

/** The data of OpenCHAMI's cloud-init server: groups, defaults of the cluster, and the settings of one node. */
export const cloudInit: JoinedFormat = {
  name: 'cloud-init',
  what: "groups, cluster defaults or instance info of OpenCHAMI's cloud-init server",
  isLike: ({ text }) =>
    /(^|[\s{,])"?(cluster-name|nid-length|short-name|boot-subnet|local-hostname|instance-id)"?\s*:/.test(
      text,
    ) ||
    (/(^|[\s{,])"?file"?\s*:/.test(text) && /(^|[\s{,])"?content"?\s*:/.test(text)),
  // Even base64 content must be hidden, because secrets in it cannot be recognized.
  read: readingMaps((value, reader) => {
    if (value !== null && !addAll(value, reader))
      reader.refuse(
        'The file does not contain data of the cloud-init server of OpenCHAMI.',
        'use its answer at /cloud-init/admin/groups or /cloud-init/admin/cluster-defaults, or the data sent to it',
        { at: reader.rootLocation(value) },
      );
  }, 'content'),
};

/** Adds a list of objects, a map of groups by name, or one object; returns whether all belong to the server. */
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

/** Adds an object, recognized by the keys that only its type has; returns whether it was recognized. */
function addObject(map: ValueMap, reader: MapReader): boolean {
  const has = (key: string) => Object.hasOwn(map, key);
  if (['id', 'instance-id', 'local-hostname'].some(has)) addInstance(map, reader);
  else if ([...CLUSTER.split(' '), 'base-url', 'wg-subnet'].some(has) && !has('name'))
    addCluster(map, reader);
  else return addGroup(map, reader);
  return true;
}

/**
 * Adds a group. Its meta-data is in `meta-data`; the README of the server shows `data`, but the server ignores that key.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (GroupData).
 */
function addGroup(map: ValueMap, reader: MapReader, nameInMap?: Sourced<string>): boolean {
  if (!['file', 'meta-data', 'data', 'description'].some((key) => Object.hasOwn(map, key))) return false;
  const name = reader.text(map, 'name') ?? nameInMap;
  reader.rest(map, 'cloud-init groups');
  if (!name) {
    reader.wrong('A group', 'a map with a name', selfLocation(map));
    return true;
  }
  const metaKey = Object.hasOwn(map, 'meta-data') ? 'meta-data' : 'data';
  const metaData = reader.mapIn(map, metaKey);
  const why =
    'the server ignored it, because its key is meta-data: it is now cloud_init.meta_data, which nodes read';
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
  reader.rest(file, 'cloud-init file');
  const { content } = file;
  if (content === undefined || content === null || content === '') return undefined;
  const at = keyLocationOf(file, 'content');
  if (typeof content !== 'string') return reader.wrong('content', 'text', at);
  if (reader.text(file, 'encoding')?.value !== 'base64') return { value: content, at };
  const value = decoded(content);
  if (value !== undefined) return { value, at };
  return reader.left(
    { value: 'content', at },
    'its encoding is base64, but it is not valid base64 text: the server would have served nothing',
  );
}

function decoded(base64: string): string | undefined {
  const plain = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.length % 4 === 1) return undefined;
  return orUndefined(() => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(plain, 'base64')));
}

/** The keys of meta-data that apply to all machines: with _ in the server's JSON, with - in its README and in a site. */
const META =
  'cloud_provider cloud-provider region availability_zone availability-zone public-keys cluster-name';

/** The keys of meta-data that apply to one machine. */
const INSTANCE_META = `${META} instance-type hostname`;

const CLUSTER = `short-name nid-length boot-subnet ${META}`;

/** Adds the defaults of a cluster. Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (ClusterDefaults). */
function addCluster(map: ValueMap, reader: MapReader): void {
  const { found } = reader;
  const at = selfLocation(map);
  if (found.cluster)
    reader.left({ value: 'cluster defaults', at }, 'a site has one set of these: the first applies');
  else {
    reader.rest(map, 'cloud-init-cluster');
    found.cluster = {
      at,
      name: reader.text(map, 'cluster-name'),
      shortName: reader.text(map, 'short-name'),
      nidLength: reader.number(map, 'nid-length'),
      metaData: metaDataOf(map, META),
    };
  }
  const subnet = reader.text(map, 'boot-subnet');
  if (subnet) found.networks.push({ at: subnet.at, subnet });
}

/** Returns the part of an object that belongs in the meta-data of cloud-init, or undefined if it is empty. */
function metaDataOf(map: ValueMap, keys: string): ValueMap | undefined {
  const metaData: ValueMap = located(Object.create(null), selfLocation(map));
  for (const key of keys.split(' ')) {
    const siteKey = key.replaceAll('_', '-');
    const value: Value | undefined = map[key];
    if (value === undefined || value === null || value === '' || siteKey in metaData) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    metaData[siteKey] = value;
    inherit(metaData, siteKey, map, key);
  }
  return Object.keys(metaData).length === 0 ? undefined : metaData;
}

/**
 * Adds the settings of one node, without its instance-id: harvgen derives that from the names of site and node.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (OpenCHAMIInstanceInfo).
 */
function addInstance(map: ValueMap, reader: MapReader): undefined {
  const at = selfLocation(map);
  const id = reader.xname(map, 'id');
  const xname = id && isNodeXname(id.value) ? id : undefined;
  const hostName = reader.text(map, 'local-hostname');
  const name = hostName ?? reader.text(map, 'hostname') ?? (xname ? undefined : id);
  reader.rest(map, 'cloud-init-instance');
  if (!xname && !name) return reader.wrong('Instance info', 'a map with an id', at);
  const metaData = metaDataOf(map, INSTANCE_META);
  reader.found.machines.push({ at, xname, name, hostName, metaData: metaData && { value: metaData, at } });
}
