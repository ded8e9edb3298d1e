import type { Site } from '../site/model.ts';
import { eachMarked } from './mark-config.ts';
import { type Mark, markOf, marksIn } from './marks.ts';

/** Gives the marks that the nodes' configurations hold, each once, sorted by how they are written. */
export function marksOf(site: Site): Mark[] {
  const marks = new Map<string, Mark>();
  for (const node of site.nodes) {
    if (node.os !== 'harvester') continue;
    eachMarked(node.config, (text) => {
      for (const { name, format } of marksIn(text)) marks.set(markOf({ name, format }), { name, format });
    });
  }
  return [...marks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
}

/** Gives the names of the secrets that the nodes' configurations hold, sorted. */
export function secretsOf(site: Site): string[] {
  return [...new Set(marksOf(site).map(({ name }) => name))].sort();
}
