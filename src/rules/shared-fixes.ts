import type { Node, Site } from '../site/model.ts';
import type { Fix } from '../source/diagnostics/report.ts';
import { locationsOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';

/**
 * Returns the fix of a finding about some nodes. It is safe only if no other node gets the value at the location, such as from a
 * profile: for that node, the edit would change what is right.
 */
export function fixFor(
  fix: Fix,
  at: SourceLocation,
  found: ReadonlySet<Draft<Node>>,
  { nodes = [] }: Draft<Site>,
): Fix {
  const key = locationKey(at);
  return {
    get title() {
      return fix.title;
    },
    get edits() {
      return fix.edits;
    },
    get safe() {
      return fix.safe && !nodes.some((node) => node && !found.has(node) && locationsOfNode(node).has(key));
    },
  };
}

/** Parts of a node that are not its own. */
const OTHERS: readonly string[] = ['cluster', 'network', 'domain', 'groups', 'tenant', 'oci', 'image'];

const locationsOfNode = onceFor((node: Draft<Node>): ReadonlySet<string> => {
  const { os, userConfig, config, clusterConfig, derived, own, bootNic, bond, facts, ...parts } = node;
  return locationsIn(os === 'harvester' ? { ...parts, userConfig } : parts, node);
});

/** Returns the locations of all keys and values in a part. Nodes with the same layers share their parts. */
const locationsBelow = onceFor((part: object) => locationsIn(part));

function locationsIn(part: object, holder = part): Set<string> {
  const locations = new Set<string>();
  for (const [key, value] of Object.entries(part)) {
    const found = locationsOf(holder, key);
    if (found) locations.add(locationKey(found.key)).add(locationKey(found.value));
    if (typeof value === 'object' && value !== null && !OTHERS.includes(key))
      for (const one of locationsBelow(value)) locations.add(one);
  }
  return locations;
}
