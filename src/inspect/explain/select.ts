import { type Leaf, pathText } from '../../source/leaf.ts';
import { nearest } from '../../values/nearest.ts';

/** Gives the leaves that a key names, or of whose path it is the beginning. */
export function select<L extends Leaf>(leaves: readonly L[], key: string): L[] {
  return leaves.filter(({ path }) => path.some((_, index) => pathText(path.slice(0, index + 1)) === key));
}

/** Says, of a key that is none, which was most probably meant, and which there are. */
export function suggest(leaves: readonly Pick<Leaf, 'path'>[], key: string): string {
  /** Every key that would do, and the one that holds it; the outermost are held by nothing. */
  const holders = new Map<string, string>();
  for (const { path } of leaves)
    path.forEach((_, index) => {
      holders.set(pathText(path.slice(0, index + 1)), pathText(path.slice(0, index)));
    });
  const known = [...holders.keys()];
  const holder = [...new Set(holders.values())]
    .filter((one) => key.startsWith(`${one}.`) || key.startsWith(`${one}[`))
    .reduce((longest, one) => (one.length > longest.length ? one : longest), '');
  const beside = known.filter((one) => holders.get(one) === holder);
  const meant = known.find((one) => one.endsWith(`.${key}`)) ?? nearest(key, beside) ?? nearest(key, known);
  return `${meant ? `: did you mean ${meant}?` : '.'} There are ${beside.join(', ')}`;
}
