import type { SiteInventory } from '../inventory/site-inventory.gen.ts';
import { hasPlace, type Place, placeOf, rangeAt } from '../origin.ts';
import type { Draft } from '../site/draft.ts';
import type { Path } from './leaf.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The layers of a node: what it says itself, below that its profiles, below those the defaults. */
export class Layers {
  /** What lists the node's profiles: the node, else the defaults; undefined where neither does. */
  readonly profiles: { readonly profiles?: readonly (string | undefined)[] | undefined } | undefined;
  /** The indices in the inventory of the NICs that are without a fault; undefined for the short form of one NIC. */
  readonly nics: readonly number[] | undefined;
  /** The highest first. */
  readonly #layers: (readonly [name: string, layer: Tree])[] = [];

  constructor({ nodes, profiles, defaults }: Draft<SiteInventory>, node: string) {
    const own = nodes?.[node];
    this.profiles = [own, defaults].find((layer) => layer?.profiles);
    this.nics = own?.nics?.flatMap((nic, index) => (nic ? [index] : []));
    if (own) this.#layers.push(['node', own as Tree]);
    for (const name of [...(this.profiles?.profiles ?? [])].reverse()) {
      const profile = name === undefined ? undefined : profiles?.[name];
      if (profile) this.#layers.push([`profile ${name}`, profile as Tree]);
    }
    if (defaults) this.#layers.push(['defaults', defaults as Tree]);
  }

  /**
   * Gives the name of the layer that has at a path what stands at a place; undefined where none has. What a range says of
   * its nodes is not the node's own.
   */
  nameOf(path: Path, at: Place): string | undefined {
    const name = this.#layers.find(([, layer]) => isAt(layer, path, at))?.[0];
    const range = name === 'node' ? rangeAt(at) : undefined;
    return range === undefined ? name : `range ${range}`;
  }
}

function isAt(layer: Tree, path: Path, at: Place): boolean {
  const key = String(path.at(-1));
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((value, step) => (value as Tree | undefined)?.[step], layer) as Tree | undefined;
  if (!holder || !hasPlace(holder, key)) return false;
  const place = placeOf(holder, key);
  return place.source === at.source && place.start === at.start;
}
