import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import type { Path } from '../../source/leaf.ts';
import { hasPlace, type Place, placeOf, rangeAt } from '../../source/origin.ts';
import type { Draft } from '../../values/draft.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The layers of a node: what it says itself, below that its profiles, below those the defaults. */
export class Layers {
  /** What lists the node's profiles: the node, else the defaults; undefined where neither does. */
  readonly profiles: { readonly profiles?: readonly (string | undefined)[] | undefined } | undefined;
  /** The indices in the inventory of the NICs that are without a fault; undefined for the short form of one NIC. */
  readonly nics: readonly number[] | undefined;
  /** The highest first. */
  readonly #layers: (readonly [name: string, layer: Tree])[] = [];
  readonly #groups: (readonly [name: string, group: Tree])[];

  constructor({ nodes, profiles, defaults, groups = {} }: Draft<SiteInventory>, node: string) {
    const own = nodes?.[node];
    this.profiles = [own, defaults].find((layer) => layer?.profiles);
    this.nics = own?.nics?.flatMap((nic, index) => (nic ? [index] : []));
    if (own) this.#layers.push(['node', own as Tree]);
    for (const name of [...(this.profiles?.profiles ?? [])].reverse()) {
      const profile = name === undefined ? undefined : profiles?.[name];
      if (profile) this.#layers.push([`profile ${name}`, profile as Tree]);
    }
    if (defaults) this.#layers.push(['defaults', defaults as Tree]);
    this.#groups = Object.entries(groups).flatMap(([name, group]) =>
      group ? [[`group ${name}`, group as Tree] as const] : [],
    );
  }

  /**
   * Gives the name of the layer that has at a path what stands at a place; undefined where none has. What a range says of
   * its nodes is not the node's own.
   */
  nameOf(path: Path, at: Place): string | undefined {
    const isCloudInit = path[0] === 'cloud_init';
    const name = isCloudInit
      ? this.#nameAround(at)
      : this.#layers.find(([, layer]) => isAt(layer, path, at))?.[0];
    const range = name === 'node' ? rangeAt(at) : undefined;
    return range === undefined ? name : `range ${range}`;
  }

  /** Of what is merged from several layers, lists too: the one whose text it stands in. */
  #nameAround(at: Place): string | undefined {
    return [...this.#layers, ...this.#groups].find(
      ([, layer]) => layer.cloud_init && isWithin(at, placeOf(layer, 'cloud_init')),
    )?.[0];
  }
}

function isWithin(at: Place, { source, start, end }: Place): boolean {
  return at.source === source && start <= at.start && at.end <= end;
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
