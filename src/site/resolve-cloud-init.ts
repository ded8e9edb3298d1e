import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { located, locatedList, locationOf, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { build } from './build.ts';
import { isCloudConfig, mergeCloudConfig, readCloudConfig } from './cloud-config.ts';
import type { CloudInit, CloudInitData, Group } from './model.ts';
import { fillNodeValues, holdsNodeValue, type NodeValues } from './node-values.ts';

type CloudInitInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['cloud_init']>;
type Tree = Readonly<Record<string, unknown>>;

/** What nodes find that are in the same groups and whose layers say the same, before the values of a node are filled in. */
interface Shared {
  readonly cloudInit: Draft<CloudInit>;
  /** Whether a value of the node stands in it: nodes have one each then. */
  readonly isOfNode: boolean;
}

/**
 * Gives what makes what cloud-init finds on a node of a site, once for all that find the same: what its groups say, in their order,
 * then what its layers say, with the node's values in it. Maps of cloud-config become one, before the texts. `self` is what stands
 * for the node.
 */
export function cloudInitResolver() {
  // Stands for what the layers of a node say that say nothing.
  const nothing = {};
  const bySaid = onceFor((_said: object) => new Map<string, Shared>());
  return (
    said: CloudInitInventory | undefined,
    groups: readonly Draft<Group>[],
    values: NodeValues,
    self: object,
  ): Draft<CloudInit> => {
    const known = bySaid(said ?? nothing);
    const key = groups.map(({ name }) => name).join(' ');
    let shared = known.get(key);
    if (!shared) {
      const cloudInit = merge(said, groups, self);
      shared = { cloudInit, isOfNode: holdsNodeValue(cloudInit) };
      known.set(key, shared);
    }
    return shared.isOfNode ? fillNodeValues(shared.cloudInit, values) : shared.cloudInit;
  };
}

interface Said {
  readonly data: CloudInitData | undefined;
  readonly at: SourceLocation;
}

function merge(
  said: CloudInitInventory | undefined,
  groups: readonly Draft<Group>[],
  self: object,
): Draft<CloudInit> {
  const own: CloudInitInventory = said ?? build({}, self);
  const ofGroups = groups.map((group) => ({ data: group.userData, at: locationOf(group, 'userData') }));
  const ofLayers = (key: 'user_data' | 'vendor_data') => ({
    data: own[key] as CloudInitData | undefined,
    at: locationOf(own, key),
  });
  const metaData: Tree[] = [...groups.map((group) => group.metaData), own.meta_data].flatMap((map) =>
    map ? [map] : [],
  );
  return build<Draft<CloudInit>>(
    {
      userData: parts([...ofGroups, ofLayers('user_data')], self),
      vendorData: parts([ofLayers('vendor_data')], self),
      metaData: metaData.reduce(mergeCloudConfig, located(Object.create(null) as Tree, selfLocation(self))),
      networkConfig: own.network_config,
    },
    own,
    {
      userData: 'user_data',
      vendorData: 'vendor_data',
      metaData: 'meta_data',
      networkConfig: 'network_config',
    },
  );
}

/** Gives all maps of cloud-config as one, and then the texts that are something else, in their order. */
function parts(all: readonly Said[], self: object): CloudInitData[] {
  const read = all.map(({ data, at }) => ({ data: readAs(data, at), at }));
  const maps: Tree[] = read.flatMap(({ data }) => (typeof data === 'object' ? [data] : []));
  const [first] = maps;
  return locatedList<CloudInitData>(selfLocation(self), [
    ...(first ? [{ value: maps.reduce(mergeCloudConfig), at: selfLocation(first) }] : []),
    ...read.flatMap(({ data, at }) => (typeof data === 'string' ? { value: data, at } : [])),
  ]);
}

/** A text of cloud-config is what a map is; one that cannot be read stays a text, and a rule says so. */
function readAs(data: CloudInitData | undefined, at: SourceLocation): CloudInitData | undefined {
  return typeof data === 'string' && isCloudConfig(data) ? (readCloudConfig(data, at) ?? data) : data;
}
