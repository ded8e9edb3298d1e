import { inherit, selfPlace } from '../../../source/origin.ts';
import type { ValueMap } from '../../../source/value.ts';
import { isNodeXname } from '../../../values/xname.ts';
import type { GatheredMachine } from '../gathered.ts';
import type { Reader } from '../reader.ts';
import { metaDataOf } from './cluster.ts';

/** Says whether an object says something of one node, by its keys. */
export function isInstance(map: ValueMap): boolean {
  return ['id', 'instance-id', 'local-hostname'].some((key) => Object.hasOwn(map, key));
}

/**
 * Gives what is said of one node. Its instance-id is harvgen's own: it follows from the names of site and node, and stays.
 * Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (OpenCHAMIInstanceInfo).
 */
export function instanceOf(map: ValueMap, reader: Reader): GatheredMachine[] {
  const at = selfPlace(map);
  const id = reader.xname(map, 'id');
  const xname = id && isNodeXname(id.value) ? id : undefined;
  const name = reader.text(map, 'local-hostname') ?? reader.text(map, 'hostname') ?? (xname ? undefined : id);
  const instanceType = reader.text(map, 'instance-type');
  reader.rest(
    map,
    [
      ...['id', 'local-hostname', 'hostname', 'cluster-name', 'region', 'availability-zone'],
      ...['cloud-provider', 'cloud_provider', 'public-keys', 'instance-type'],
    ],
    {
      'instance-id': 'it follows from the names of site and node: cloud-init runs once as on a new machine',
      'cloud-init-base-url': 'cloud-init fetches from server.url',
    },
    '',
  );
  if (!xname && !name) {
    reader.wrong('What is said of an instance', 'of one with an id', at);
    return [];
  }
  const metaData = metaDataOf(map);
  if (metaData && instanceType) {
    metaData['instance-type'] = instanceType.value;
    inherit(metaData, 'instance-type', map);
  }
  return [{ at, xname, name, metaData: metaData && { value: metaData, at } }];
}
