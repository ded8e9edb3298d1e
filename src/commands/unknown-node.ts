import { nearest } from '../inventory/nearest.ts';
import { UsageError } from './usage-error.ts';

/** Gives what to throw for a node that a site does not have: it names the nearest one, and those that there are. */
export function unknownNode(name: string, names: readonly string[], site: string): UsageError {
  const meant = nearest(name, names);
  return new UsageError(
    `${site} has no node ${name}${meant ? `: did you mean ${meant}?` : '.'} There are ${names.join(', ')}`,
  );
}
