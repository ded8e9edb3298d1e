import { selfPlace } from '../../origin.ts';
import type { Notes } from '../notes.ts';
import { placesIn } from './clusters.ts';
import type { PhsFile } from './file.ts';

/** Notes the configurations in `config` that no machine merges: phs hands them to nobody, and no site has them. */
export function noteUnused({ blocks, nodes }: PhsFile, notes: Notes): void {
  const used = nodes.flatMap(({ config }) => placesIn(config));
  for (const { create, join, label } of blocks) {
    for (const [key, config] of Object.entries({ config_create: create, config_join: join })) {
      if (!config) continue;
      const at = selfPlace(config);
      if (used.some(({ start, end }) => at.start <= start && end <= at.end)) continue;
      notes.add('left', label ? `${label.value} ${key}` : key, 'no machine merges this configuration', at);
    }
  }
}
