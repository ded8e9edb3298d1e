import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import type { Site } from '../../site/model.ts';
import { leavesBelow, type Path, pathText } from '../../source/leaf.ts';
import { locationKey } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';
import { groupedBy } from '../../values/grouped.ts';
import { hasBrackets, namesOfRange } from '../../values/hostlist.ts';
import { type Explained, explainNode, select } from './explain-node.ts';
import { layersOf } from './layers.ts';
import { whyUnused } from './unused.ts';

/** The effective values of a key that a file of the inventory sets. */
export interface Effective {
  /** The nodes with these values; undefined for a key of the site. */
  readonly nodes?: readonly string[];
  /** The values of the key, or of the keys below it; none if it has no effect. */
  readonly leaves: readonly Explained[];
  /** Why the list is empty, as a clause, if that is known. */
  readonly why?: string | undefined;
}

/** Returns the rest of a path below a node, a profile or the defaults; undefined for other keys of the site. */
export function pathInLayer([first, ...rest]: Path): Path | undefined {
  if (first === 'defaults') return rest;
  return (first === 'nodes' || first === 'profiles') && rest.length > 0 ? rest.slice(1) : undefined;
}

/** Returns the nodes of a site that a path of its files is about: of a node, a range, a profile or the defaults. */
function nodesOfPath(inventory: Draft<SiteInventory>, site: Draft<Site>, [first, name]: Path) {
  const nodes = (site.nodes ?? []).flatMap((node) => node ?? []);
  if (first === 'defaults') return nodes;
  if (first === 'profiles')
    return nodes.filter((node) =>
      layersOf(inventory, node.name ?? '').profiles?.profiles?.includes(String(name)),
    );
  const names = new Set(hasBrackets(String(name)) ? namesOfRange(String(name)) : [name]);
  return nodes.filter((node) => names.has(node.name ?? ''));
}

/** Returns the effective values of a key at a path of an inventory file. Nodes with the same ones are one entry. */
export function effectiveValues(inventory: Draft<SiteInventory>, site: Draft<Site>, path: Path): Effective[] {
  const inLayer = pathInLayer(path);
  if (!inLayer)
    return [{ leaves: select([...leavesBelow(inventory, String(path[0] ?? ''))], pathText(path)) }];
  const key = pathText(inLayer);
  const found = nodesOfPath(inventory, site, path).map((node) => {
    const all = explainNode(inventory, site, node);
    const leaves = inLayer.length > 0 ? select(all, key) : all.filter((leaf) => leaf.path.length === 1);
    const listsNics = all.some((leaf) => leaf.path[0] === 'nics');
    const why = leaves.length === 0 ? whyUnused({ ...node, name: 'it' }, inLayer, listsNics) : undefined;
    return { name: node.name ?? '', leaves, why };
  });
  const keyOf = ({ path, value, at, derived }: Explained) => [path, value, at && locationKey(at), derived];
  const groups = groupedBy(found, ({ leaves, why }) => JSON.stringify([leaves.map(keyOf), why]));
  return Array.from(groups.values(), (group) => {
    const { leaves, why } = group[0];
    return { nodes: group.map(({ name }) => name), leaves, why };
  });
}
