import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { located, type Place, placeOf, selfPlace, setPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { build } from './build.ts';
import { fillNodeValues, holdsNodeValue } from './fill-node-values.ts';
import { mergeCloudConfig } from './merge-cloud-config.ts';
import type { CloudInit, CloudInitData, Group } from './model.ts';
import type { NodeValues } from './node-values.ts';
import { isCloudConfig, readCloudConfig } from './read-cloud-config.ts';

type CloudInitInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['cloud_init']>;
type Tree = Readonly<Record<string, unknown>>;

/** What nodes find that are in the same groups and whose layers say the same, before the values of a node are filled in. */
interface Shared {
  readonly cloudInit: Draft<CloudInit>;
  /** Whether a value of the node stands in it: nodes have one each then. */
  readonly isOfNode: boolean;
}

/** Stands for a node whose layers say nothing of cloud-init. */
const NOTHING = Object.freeze({});

/** Makes what cloud-init finds on the nodes of a site: once for all that find the same. */
export class CloudInitResolver {
  /** By what the layers say, and by the groups. */
  readonly #shared = new WeakMap<object, Map<string, Shared>>();

  /**
   * Makes what cloud-init finds on a node: what its groups say, in their order, then what its layers say, with the node's
   * values in it. Maps of cloud-config become one, before the texts. `self` is what stands for the node.
   */
  resolve(
    said: CloudInitInventory | undefined,
    groups: readonly Draft<Group>[],
    values: NodeValues,
    self: object,
  ): Draft<CloudInit> {
    const { cloudInit, isOfNode } = this.#sharedBy(said, groups, self);
    return isOfNode ? fillNodeValues(cloudInit, values) : cloudInit;
  }

  #sharedBy(said: CloudInitInventory | undefined, groups: readonly Draft<Group>[], self: object): Shared {
    const bySaid = this.#shared.get(said ?? NOTHING) ?? new Map<string, Shared>();
    this.#shared.set(said ?? NOTHING, bySaid);
    const key = groups.map(({ name }) => name).join(' ');
    const known = bySaid.get(key);
    if (known) return known;
    const cloudInit = merge(said, groups, self);
    const shared = { cloudInit, isOfNode: holdsNodeValue(cloudInit) };
    bySaid.set(key, shared);
    return shared;
  }
}

/** What a group or the layers of a node say, and where. */
interface Said {
  readonly data: CloudInitData | undefined;
  readonly at: Place;
}

function merge(
  said: CloudInitInventory | undefined,
  groups: readonly Draft<Group>[],
  self: object,
): Draft<CloudInit> {
  const own: CloudInitInventory = said ?? build({}, self);
  const ofGroups = groups.map((group) => ({ data: group.userData, at: placeOf(group, 'userData') }));
  const ofLayers = (key: 'user_data' | 'vendor_data') => ({
    data: own[key] as CloudInitData | undefined,
    at: placeOf(own, key),
  });
  const metaData: Tree[] = [...groups.map((group) => group.metaData), own.meta_data].flatMap((map) =>
    map ? [map] : [],
  );
  return build<Draft<CloudInit>>(
    {
      userData: parts([...ofGroups, ofLayers('user_data')], self),
      vendorData: parts([ofLayers('vendor_data')], self),
      metaData: metaData.reduce(mergeCloudConfig, located(Object.create(null) as Tree, selfPlace(self))),
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
  const result: CloudInitData[] = located([], selfPlace(self));
  const add = (part: CloudInitData, at: Place) => {
    setPlace(result, result.length, at);
    result.push(part);
  };
  const read = all.map(({ data, at }) => ({ data: readAs(data, at), at }));
  const maps: Tree[] = read.flatMap(({ data }) => (typeof data === 'object' ? [data] : []));
  const [first] = maps;
  if (first) add(maps.reduce(mergeCloudConfig), selfPlace(first));
  for (const { data, at } of read) if (typeof data === 'string') add(data, at);
  return result;
}

/** A text of cloud-config is what a map is; one that cannot be read stays a text, and a rule says so. */
function readAs(data: CloudInitData | undefined, at: Place): CloudInitData | undefined {
  return typeof data === 'string' && isCloudConfig(data) ? (readCloudConfig(data, at) ?? data) : data;
}
