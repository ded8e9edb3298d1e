import { secretNames } from '../inventory/secrets.ts';
import { hasPlace, type Place, placeOf, selfPlace } from '../origin.ts';
import type { Site } from '../site/model.ts';

/** Gives where each secret stands that the nodes' configurations refer to: of several places, that of the first node. */
export function firstUses(site: Site): Map<string, Place> {
  const uses = new Map<string, Place>();
  for (const node of site.nodes) if (node.os === 'harvester') collect(node.config, selfPlace(node), uses);
  return uses;
}

/** `at` is the place of what has none of its own. */
function collect(value: object, at: Place, uses: Map<string, Place>): void {
  for (const [key, item] of Object.entries(value)) {
    const place = hasPlace(value, key) ? placeOf(value as Record<string, unknown>, key) : at;
    if (typeof item === 'string') {
      if (!item.includes('${secret:')) continue;
      for (const name of secretNames(item)) if (!uses.has(name)) uses.set(name, place);
    } else if (typeof item === 'object' && item !== null) collect(item, place, uses);
  }
}
