import { hasBrackets } from '../values/hostlist.ts';
import { nearest } from '../values/nearest.ts';
import { UsageError } from './usage-error.ts';

/** So many names are shown: of a range of thousands nobody reads more. */
const MOST = 20;

/** Gives what to throw for a node that a site does not have: it names the nearest one, and those that there are. */
export function unknownNode(name: string, names: readonly string[], site: string): UsageError {
  const more = names.length > MOST ? ` and ${names.length - MOST} more` : '';
  return new UsageError(
    `${site} has no node ${name}${hint(name, names)} There are ${names.slice(0, MOST).join(', ')}${more}`,
  );
}

function hint(name: string, names: readonly string[]): string {
  if (hasBrackets(name))
    return ': it takes one node. What all of a range have stands at its name in the inventory.';
  const meant = nearest(name, names);
  return meant ? `: did you mean ${meant}?` : '.';
}
