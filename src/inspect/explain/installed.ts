import { inRelease, installedKey, REACH_WORDS } from '../../knowledge/installed-keys.ts';
import type { Node } from '../../site/model.ts';
import { pathText } from '../../source/leaf.ts';
import type { Draft } from '../../values/draft.ts';
import type { Explained } from './explain-node.ts';

/** Returns a line on how a change of values reaches an installed node; empty if they are not one key of its configuration. */
export function installedText(leaves: readonly Explained[], { os, cluster }: Draft<Node>): string {
  const rows = new Set(
    leaves.map(({ path: [first, ...path] }) =>
      first === 'config' ? installedKey(pathText(path)) : undefined,
    ),
  );
  const [row] = rows;
  if (rows.size !== 1 || !row || os !== 'harvester' || !cluster?.version) return '';
  const { reach, how } = inRelease(row)(cluster.version);
  return `A change reaches the installed node ${REACH_WORDS[reach].replaceAll('`', '')}${reach === 'none' ? '' : ` (${how})`}.\n`;
}
