import type { Version } from '../../values/version.ts';
import { availability } from './availability.ts';
import { type ConfigSchema, follow } from './config-schema.ts';

/** Gives the key that serves in a release instead of one that it lacks; undefined where there is none. */
export function instead(schema: ConfigSchema, parent: ConfigSchema, release: Version): string | undefined {
  const known = schema['x-instead'];
  const other = known === undefined ? undefined : parent.properties?.[known];
  return other && availability(follow(other), release) === 'present' ? known : undefined;
}
