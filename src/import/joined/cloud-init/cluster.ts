import { inherit, located, selfPlace } from '../../../source/origin.ts';
import type { Value, ValueMap } from '../../../source/value.ts';
import type { GatheredCluster, GatheredNetwork } from '../gathered.ts';
import type { Reader } from '../reader.ts';

const OWN = ['cluster-name', 'short-name', 'nid-length', 'boot-subnet'];

/** What meta-data of cloud-init says of all machines, by the keys that the server has for it, in JSON and in its README. */
const META: Readonly<Record<string, string>> = {
  cloud_provider: 'cloud_provider',
  'cloud-provider': 'cloud_provider',
  region: 'region',
  'availability-zone': 'availability_zone',
  'public-keys': 'public-keys',
  'cluster-name': 'cluster-name',
};

/** Says whether an object is the defaults of a cluster, by its keys. */
export function isCluster(map: ValueMap): boolean {
  const keys = [...OWN, 'base-url', 'wg-subnet', ...Object.keys(META)];
  return keys.some((key) => Object.hasOwn(map, key)) && !Object.hasOwn(map, 'name');
}

/** Gives the defaults of a cluster. Source: OpenCHAMI/cloud-init, pkg/cistore/models.go (ClusterDefaults). */
export function clusterOf(map: ValueMap, reader: Reader): GatheredCluster {
  reader.rest(
    map,
    [...OWN, ...Object.keys(META)],
    {
      'base-url': 'cloud-init fetches from server.url',
      'wg-subnet': 'harvgen makes no tunnel',
    },
    '',
  );
  return {
    at: selfPlace(map),
    name: reader.text(map, 'cluster-name'),
    shortName: reader.text(map, 'short-name'),
    nidLength: reader.number(map, 'nid-length'),
    metaData: metaDataOf(map),
  };
}

/** Gives the network that the nodes of a cluster boot on, where its defaults say it. */
export function bootNetworkOf(map: ValueMap, reader: Reader): GatheredNetwork[] {
  const subnet = reader.text(map, 'boot-subnet');
  return subnet ? [{ at: subnet.at, subnet }] : [];
}

/** Gives what an object says that belongs into the meta-data of cloud-init; undefined where it says nothing of it. */
export function metaDataOf(map: ValueMap): ValueMap | undefined {
  const metaData: ValueMap = located(Object.create(null), selfPlace(map));
  for (const [key, as] of Object.entries(META)) {
    const value: Value | undefined = map[key];
    if (value === undefined || value === null || value === '' || as in metaData) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    metaData[as] = value;
    inherit(metaData, as, map, key);
  }
  return Object.keys(metaData).length === 0 ? undefined : metaData;
}
