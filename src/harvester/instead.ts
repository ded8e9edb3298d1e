import { nearest } from '../inventory/nearest.ts';
import type { Version } from '../site/version.ts';
import { availability, usefulKeys } from './availability.ts';
import { type ConfigSchema, follow } from './config-schema.ts';

/** Gives the key that serves in a release instead of one that it lacks: the known one, else the nearest by its name. */
export function instead(
  key: string,
  schema: ConfigSchema,
  parent: ConfigSchema,
  release: Version,
): string | undefined {
  const known = schema['x-instead'];
  const other = known === undefined ? undefined : parent.properties?.[known];
  if (other && availability(follow(other), release) === 'present') return known;
  return nearest(key, usefulKeys(parent, release));
}
