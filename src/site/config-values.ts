import { locatedLater } from '../source/origin.ts';
import { bareMap } from '../values/bare-map.ts';
import type { Facts, Given } from './derived-facts.ts';
import { isTree, merge, textOf } from './placed-config.ts';

type Tree = { [key: string]: unknown };

/**
 * Gives what is said over what follows, as values alone: a large site has many thousand configurations, and of nearly all of them
 * nobody asks where their values come from. `placed` gives the same map with the places, when one is asked for; where it is not
 * given, none may be.
 */
export function configValues(
  { facts }: Facts,
  given: Given,
  said: Tree | undefined,
  placed?: () => Tree,
): Tree {
  const result = bareMap<Tree>();
  if (placed) locatedLater(result, placed);
  // By index: in the interpreter, to take a pair apart costs as much as all the rest, and there are very many.
  for (const entry of facts) {
    const key = entry[0];
    const fact = entry[1];
    const isSaid = said !== undefined && key in said;
    const over = said?.[key];
    if ('facts' in fact) {
      if (fact.when && !fact.when(given)) continue;
      const isWhole = isSaid && (!isTree(over) || key === 'bond_options');
      result[key] = isWhole
        ? over
        : configValues(fact, given, over as Tree | undefined, placed && (() => placed()[key] as Tree));
      continue;
    }
    const under = fact.value(given);
    if (under === undefined) continue;
    if (!isSaid) result[key] = under;
    else result[key] = isTree(under) && isTree(over) ? merge(under, over, textOf(fact.how, given)) : over;
  }
  for (const key in said) if (!(key in result)) result[key] = said[key];
  return result;
}
