import { valueIn } from '../edit/choose-file.ts';
import type { Explained } from '../inspect/explain/explain-node.ts';
import { select, suggest } from '../inspect/explain/format.ts';
import type { InventoryFiles } from '../inventory/files.ts';
import { namedKeys } from '../knowledge/node-schema.ts';
import { formatPlace } from '../source/diagnostics/text.ts';
import { nearest } from '../values/nearest.ts';
import type { Assignment } from './assignments.ts';

/** How many keys a suggestion names. */
const MOST = 12;
/** Any two words are near enough to be told which others are nearer. */
const ANY = 1000;

/**
 * Says of a key that cannot be set on a node where it is set, if it is one that holds for the node all the same; else
 * which key was most probably meant. Takes what holds for the node.
 */
export function unknownKey(node: string, key: string, leaves: readonly Explained[]): string {
  const [leaf] = select(leaves, key);
  if (!leaf) return `a node has no key ${key}${shortened(suggest(namedKeys(), key), key)}`;
  const place = leaf.at && formatPlace(leaf.at, process.cwd());
  if (leaf.path[0] === 'harvester') {
    const where = place ? `at ${place}` : 'in `harvester` of the site, or in `clusters`';
    return `${key} cannot be set on ${node}, but for the whole cluster alone: ${where}`;
  }
  const why = [leaf.derived, place && `at ${place}`].filter(Boolean).join(', ');
  return `${key} cannot be set on ${node}: it is ${leaf.value}${why && ` (${why})`}. List \`nics\` instead of \`mac\` and \`ip\` to say it`;
}

/**
 * Says of keys that are of a node with one NIC alone that this one lists its NICs, and which was most probably meant;
 * undefined where none of the assignments is such a key, or the list goes with another one.
 */
export function keyOfNic(
  node: string,
  assignments: readonly Assignment[],
  { own, included }: InventoryFiles,
): string | undefined {
  const found = assignments.find(({ key, value }) => value !== undefined && (key === 'mac' || key === 'ip'));
  const goes = assignments.some(({ key, value }) => key === 'nics' && value === undefined);
  const lists = [...own, ...included].some((file) => Array.isArray(valueIn(file, node, ['nics'])));
  if (!found || goes || !lists) return undefined;
  return `${node} lists its NICs, and so has no ${found.key} itself: did you mean nics[0].${found.key}?`;
}

/** Names of many keys those that are most like the one that is none. */
function shortened(suggestion: string, key: string): string {
  const [meant = '', names = ''] = suggestion.split(' There are ');
  const all = names.split(', ');
  if (all.length <= MOST) return suggestion;
  const near: string[] = [];
  while (near.length < MOST) {
    const left = all.filter((name) => !near.includes(name));
    near.push(nearest(key, left, ANY) ?? (left[0] as string));
  }
  const shown = all.filter((name) => near.includes(name)).join(', ');
  return `${meant} There are ${shown} and ${all.length - MOST} more, which \`harvgen schema\` lists`;
}
