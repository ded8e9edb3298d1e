import { isAtLeast, isAtMost, type Version } from '../../values/version.ts';
import type { ConfigSchema } from './config-schema.ts';

/** Whether a release has a key: it has, it is older than the key, or the key was gone by then. */
export type Availability = 'present' | 'too-new' | 'gone';

/** Says whether a release has the key that a part of the schema describes. */
export function availability(key: ConfigSchema, release: Version): Availability {
  if (key['x-since'] && !isAtLeast(release, key['x-since'])) return 'too-new';
  if (key['x-until'] && !isAtMost(release, key['x-until'])) return 'gone';
  const final = release.text.replace(/-.*$/, '');
  return key['x-absent']?.includes(final) ? 'gone' : 'present';
}

/** Gives the keys of a map that a release has, that do something in it, and that are the operator's to set. */
export function usefulKeys(map: ConfigSchema, release: Version): string[] {
  return Object.entries(map.properties ?? {}).flatMap(([name, key]) =>
    availability(key, release) === 'present' && !hasNoEffect(key, release) && !key['x-internal']
      ? [name]
      : [],
  );
}

/** Says whether a release reads a key and then does nothing with it. */
export function hasNoEffect(key: ConfigSchema, release: Version): boolean {
  const since = key['x-no-effect-since'];
  return key['x-no-effect'] !== undefined && (since === undefined || isAtLeast(release, since));
}
