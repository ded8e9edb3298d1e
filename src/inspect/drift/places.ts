import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import type { Path } from '../../source/leaf.ts';
import { locationsOf } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import type { Draft } from '../../values/draft.ts';

/** A key of an inventory. */
export interface Place {
  /** The path from the top of the inventory; a node's name is empty if several nodes have the key. */
  readonly path: Path;
  readonly value: unknown;
  /** The nodes whose own keys have the location: several in a range. */
  readonly nodes: readonly string[];
}

/** Finds the keys of an inventory by the source location of their values. */
export class Places {
  readonly #places = new Map<string, { path: Path; value: unknown; nodes: string[] }>();

  constructor({ nodes, ...others }: Draft<SiteInventory>) {
    this.#walk(others, []);
    for (const [name, node] of Object.entries(nodes ?? {})) if (node) this.#walk(node, ['nodes', ''], name);
  }

  at(location: SourceLocation): Place | undefined {
    return this.#places.get(locationKey(location));
  }

  #walk(container: object, path: Path, node?: string): void {
    for (const [key, value] of Object.entries(container)) {
      const here = [...path, Array.isArray(container) ? Number(key) : key];
      const at = locationsOf(container, key)?.value;
      const known = at && this.#places.get(locationKey(at));
      if (at && !known)
        this.#places.set(locationKey(at), { path: here, value, nodes: node === undefined ? [] : [node] });
      else if (known && node !== undefined && known.nodes.at(-1) !== node) known.nodes.push(node);
      if (typeof value === 'object' && value !== null) this.#walk(value, here, node);
    }
  }
}
