import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { located, locatedList, locationOf, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isCloudConfig, mergeCloudConfig, readCloudConfig } from './cloud-config.ts';
import { withOrigins } from './from-inventory.ts';
import type { CloudInit, CloudInitData, Group } from './model.ts';
import { type Fill, fillNodeValues, holdsNodeValue } from './references.ts';

type CloudInitInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['cloud_init']>;
type Tree = Readonly<Record<string, unknown>>;

/** The data of nodes with the same groups and layers, before the values of a node are substituted. */
interface Shared {
  readonly cloudInit: Draft<CloudInit>;
  /** Whether it contains values of the node: each node then has its own copy. */
  readonly isOfNode: boolean;
}

/**
 * Returns a function that resolves the cloud-init data of a node, and shares equal data. The data of its groups comes first, in
 * order, then that of its layers, with the node's values. Merges maps of cloud-config into one, before the texts. The object
 * `self` provides the source location of the node.
 */
export function cloudInitResolver() {
  // The cache key for layers without cloud-init.
  const nothing = {};
  const byLayers = onceFor((_layers: object) => new Map<string, Shared>());
  return (
    layers: CloudInitInventory | undefined,
    groups: readonly Draft<Group>[],
    values: Fill,
    self: object,
  ): Draft<CloudInit> => {
    const known = byLayers(layers ?? nothing);
    const key = groups.map(({ name }) => name).join(' ');
    let shared = known.get(key);
    if (!shared) {
      const cloudInit = merge(layers, groups, self);
      shared = { cloudInit, isOfNode: holdsNodeValue(cloudInit) };
      known.set(key, shared);
    }
    return shared.isOfNode ? fillNodeValues(shared.cloudInit, values) : shared.cloudInit;
  };
}

interface Part {
  readonly data: CloudInitData | undefined;
  readonly at: SourceLocation;
}

function merge(
  layers: CloudInitInventory | undefined,
  groups: readonly Draft<Group>[],
  self: object,
): Draft<CloudInit> {
  const own: CloudInitInventory = layers ?? withOrigins({}, self);
  const ofGroups = groups.map((group) => ({ data: group.userData, at: locationOf(group, 'userData') }));
  const ofLayers = (key: 'user_data' | 'vendor_data') => ({
    data: own[key] as CloudInitData | undefined,
    at: locationOf(own, key),
  });
  const metaData: Tree[] = [...groups.map((group) => group.metaData), own.meta_data].flatMap((map) =>
    map ? [map] : [],
  );
  return withOrigins<Draft<CloudInit>>(
    {
      userData: parts([...ofGroups, ofLayers('user_data')], self),
      vendorData: parts([ofLayers('vendor_data')], self),
      metaData: metaData.reduce(mergeCloudConfig, located(Object.create(null) as Tree, selfLocation(self))),
      networkConfig: own.network_config,
    },
    own,
  );
}

/** Returns all maps of cloud-config as one, followed by the other texts in order. */
function parts(all: readonly Part[], self: object): CloudInitData[] {
  const read = all.map(({ data, at }) => ({ data: readAs(data, at), at }));
  const maps: Tree[] = read.flatMap(({ data }) => (typeof data === 'object' ? [data] : []));
  const [first] = maps;
  return locatedList<CloudInitData>(selfLocation(self), [
    ...(first ? [{ value: maps.reduce(mergeCloudConfig), at: selfLocation(first) }] : []),
    ...read.flatMap(({ data, at }) => (typeof data === 'string' ? { value: data, at } : [])),
  ]);
}

/** Returns the map of a cloud-config text; one that is invalid stays a text, which a rule reports. */
function readAs(data: CloudInitData | undefined, at: SourceLocation): CloudInitData | undefined {
  return typeof data === 'string' && isCloudConfig(data) ? (readCloudConfig(data, at) ?? data) : data;
}
