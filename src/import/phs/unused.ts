import { selfPlace } from '../../source/origin.ts';
import { isValueMap } from '../../source/value.ts';
import type { Notes } from '../notes.ts';
import { blockOf, homesOf, placesIn } from './clusters.ts';
import { textAt } from './fields.ts';
import type { PhsBlock, PhsFile } from './file.ts';

/** Notes the configurations in `config` that no machine merges: phs hands them to nobody, and no site has them. */
export function noteUnused({ blocks, nodes }: PhsFile, notes: Notes): void {
  const used = nodes.flatMap(({ config }) => placesIn(config));
  const homes = homesOf(nodes, blocks);
  // Where a tool has put values in the places of aliases, the mode tells which one they are of.
  const isWrittenOut = (block: PhsBlock, mode: string) =>
    nodes.some(
      (node) =>
        !blockOf(node, blocks) &&
        homes.get(node) === block &&
        isValueMap(node.config.install) &&
        textAt(node.config.install, 'mode')?.value === mode,
    );
  for (const block of blocks) {
    const { create, join, label } = block;
    for (const [key, config] of Object.entries({ config_create: create, config_join: join })) {
      if (!config) continue;
      const at = selfPlace(config);
      if (used.some(({ start, end }) => at.start <= start && end <= at.end)) continue;
      if (isWrittenOut(block, key.replace('config_', ''))) continue;
      notes.add('left', label ? `${label.value} ${key}` : key, 'no machine merges this configuration', at);
    }
  }
}
