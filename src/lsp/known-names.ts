import { shown } from '../knowledge/hide.ts';
import { type Part, siteSchema } from '../knowledge/schemas.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Path } from '../source/leaf.ts';
import { isValueMap, type Value } from '../source/origin.ts';
import { secretNames } from '../source/placeholders.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import { kindOfPlace, partInside } from './schema-place.ts';

/** The names and values of a site's inventory that other parts of it may repeat. */
export interface KnownNames {
  /** The names in maps with free names, and the texts of keys, by `kindOfPlace`; each with the number of its uses. */
  readonly names: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly values: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly secrets: ReadonlySet<string>;
  /** The first halves of all MAC addresses, which identify the vendor. */
  readonly macPrefixes: ReadonlySet<string>;
}

/** Longer texts are content, which no other key repeats. */
const LONGEST = 120;

/** Returns the names and values in an inventory. Computed once for each inventory. */
export const knownNames = onceFor((inventory: Draft<SiteInventory>): KnownNames => {
  const names = new Map<string, Map<string, number>>();
  const values = new Map<string, Map<string, number>>();
  const secrets = new Set<string>();
  const macPrefixes = new Set<string>();
  walk(inventory as unknown as Value, [], siteSchema());
  return { names, values, secrets, macPrefixes };

  function walk(value: Value | undefined, path: Path, part: Part | undefined): void {
    if (typeof value === 'string') {
      for (const name of secretNames(value)) secrets.add(name);
      const mac = parseMac(value);
      if (mac !== undefined) macPrefixes.add(mac.slice(0, 9));
      if (!part || value.length > LONGEST || value.includes('\n')) return;
      if (shown(value, path, siteSchema()) === value) count(values, kindOfPlace(path), value);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        walk(item, [...path, index], part && partInside(part, index));
    } else if (isValueMap(value)) {
      const free = part && typeof part.schema.additionalProperties === 'object';
      for (const [key, item] of Object.entries(value)) {
        if (free) count(names, kindOfPlace(path), key);
        walk(item, [...path, key], part && partInside(part, key));
      }
    }
  }
});

function count(all: Map<string, Map<string, number>>, kind: string, name: string): void {
  const known = all.get(kind) ?? new Map<string, number>();
  all.set(kind, known.set(name, (known.get(name) ?? 0) + 1));
}
