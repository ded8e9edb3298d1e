import { formatPlace } from '../diagnostics/text.ts';
import type { Explained } from '../explain/explain-node.ts';
import { namedKeys } from '../explain/node-schema.ts';
import { select, suggest } from '../explain/select.ts';

/**
 * Says of a key that cannot be set on a node where it is set, if it is one that holds for the node all the same; else
 * which key was most probably meant. Takes what holds for the node.
 */
export function unknownKey(node: string, key: string, leaves: readonly Explained[]): string {
  const [leaf] = select(leaves, key);
  if (!leaf) return `a node has no key ${key}${suggest(namedKeys(), key)}`;
  const place = leaf.at && formatPlace(leaf.at, process.cwd());
  if (leaf.path[0] === 'harvester') {
    const where = place ? `at ${place}` : 'in `harvester` of the site, or in `clusters`';
    return `${key} cannot be set on ${node}, but for the whole cluster alone: ${where}`;
  }
  const why = [leaf.derived, place && `at ${place}`].filter(Boolean).join(', ');
  return `${key} cannot be set on ${node}: it is ${leaf.value}${why && ` (${why})`}. List \`nics\` instead of \`mac\` and \`ip\` to say it`;
}
