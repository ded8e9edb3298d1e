import { type Availability, availability } from '../knowledge/harvester/availability.ts';
import type { ConfigSchema } from '../knowledge/harvester/config-schema.ts';
import { type WrittenKey, writtenKeys } from '../knowledge/harvester/written-keys.ts';
import { OLDEST_RELEASE } from '../knowledge/tables/harvester-releases.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import type { Node, Site } from './model.ts';

/** A key that the inventory writes in a node's configuration, and whether the node's release has it. */
export interface ReleaseKey extends WrittenKey {
  readonly node: Draft<Node>;
  readonly release: Version;
  readonly available: Availability;
}

const known = new WeakMap<object, readonly ReleaseKey[]>();

/**
 * Gives every key that the inventory writes in the configurations of a site's nodes. Passes over what is in a map that
 * the release lacks, or is not of the node's mode: that is a fault of its own. Gone through once for a site, since many
 * rules ask for it.
 */
export function releaseKeys(site: Draft<Site>): readonly ReleaseKey[] {
  let keys = known.get(site);
  if (!keys) {
    keys = [...keysOf(site)];
    known.set(site, keys);
  }
  return keys;
}

function* keysOf({ nodes = [] }: Draft<Site>): Iterable<ReleaseKey> {
  for (const node of nodes) {
    const release = node?.cluster?.version;
    if (!node || !release || !node.said || !isAtLeast(release, OLDEST_RELEASE)) continue;
    for (const written of writtenKeys(node.said)) {
      const { schema, above } = written;
      if (above && !takesMaps(above, release)) continue;
      const { path, key, holder, value, parent } = written;
      const available = availability(schema, release);
      // That it is of the other mode is a fault of its own, unless the release lacks it altogether.
      const ofMode = !node.mode || !schema['x-modes'] || schema['x-modes'].includes(node.mode);
      if (!ofMode && available === 'present') continue;
      yield { path, key, holder, value, schema, parent, above, node, release, available };
    }
  }
}

function takesMaps(key: ConfigSchema, release: Version): boolean {
  const since = key['x-since-types']?.object;
  return availability(key, release) === 'present' && (since === undefined || isAtLeast(release, since));
}
