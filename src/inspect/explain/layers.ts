import { layer as merged } from '../../inventory/layer.ts';
import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import type { Node } from '../../site/model.ts';
import { leavesBelow, type Path } from '../../source/leaf.ts';
import { hasLocation, locationOf } from '../../source/origin.ts';
import { rangeAt, type SourceLocation } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The layers of a node. */
export interface Layers {
  /** The layer that lists the node's profiles: the node or else the defaults; undefined if neither does. */
  readonly profiles: { readonly profiles?: readonly (string | undefined)[] | undefined } | undefined;
  /** The indices of the valid NICs in the inventory; undefined for the short form with one NIC. */
  readonly nics: readonly number[] | undefined;
  /** The keys of all layers, merged. */
  readonly whole: Tree;
  /** Returns the name of the layer with the value of a path at a location. A range is a separate layer. */
  nameOf(path: Path, at: SourceLocation): string | undefined;
}

/** Returns the layers of a node: its own keys, its profiles and the defaults. */
export function layersOf(inventory: Draft<SiteInventory>, node: string): Layers {
  const { nodes, defaults } = inventory;
  const own = nodes?.[node];
  const profiles = [own, defaults].find((layer) => layer?.profiles);
  const ofProfiles = [...(profiles?.profiles ?? [])]
    .reverse()
    .map((name = '') => [`profile ${name}`, inventory.profiles?.[name]]);
  const ofGroups = Object.entries(inventory.groups ?? {}).map(([name, group]) => [`group ${name}`, group]);
  const isThere = (layer: unknown[]): layer is [name: string, layer: Tree] => layer[1] !== undefined;
  const layers = [['node', own], ...ofProfiles, ['defaults', defaults]].filter(isThere);
  const groups = ofGroups.filter(isThere);
  const nameOf = (path: Path, at: SourceLocation) => {
    // cloud-init's data is merged from several layers, including lists: the layer is the one whose text contains the value.
    const [name] =
      (path[0] === 'cloud_init'
        ? [...layers, ...groups].find(([, layer]) => {
            const { source, start, end } = layer.cloud_init ? locationOf(layer, 'cloud_init') : {};
            return at.source === source && Number(start) <= at.start && at.end <= Number(end);
          })
        : layers.find(([, layer]) => isAt(layer, path, at))) ?? [];
    const range = name === 'node' ? rangeAt(at) : undefined;
    return range === undefined ? name : `range ${range}`;
  };
  const whole = layers.reduceRight<Tree>((below, [, above]) => merged(below, above), Object.create(null));
  return { profiles, whole, nics: own?.nics?.flatMap((nic, index) => (nic ? [index] : [])), nameOf };
}

function isAt(layer: Tree, path: Path, at: SourceLocation): boolean {
  const key = String(path.at(-1));
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((value, step) => (value as Tree | undefined)?.[step], layer) as Tree | undefined;
  if (!holder || !hasLocation(holder, key)) return false;
  const location = locationOf(holder, key);
  return location.source === at.source && location.start === at.start;
}

/** Returns every value that the layers of a node set, with its layer, whether or not it has an effect on the node. */
export function setLeaves(inventory: Draft<SiteInventory>, node: Draft<Node>) {
  const { whole, nameOf } = layersOf(inventory, node.name ?? '');
  const leaves = Object.keys(whole).flatMap((key) => [...leavesBelow(whole, key)]);
  return leaves.map((leaf) => ({ ...leaf, layer: leaf.at && nameOf(leaf.path, leaf.at) }));
}
