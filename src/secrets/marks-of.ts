import type { Site } from '../site/model.ts';
import { eachMarked } from './mark-config.ts';
import { type Mark, markOf, marksIn } from './marks.ts';

/** What was found in the configurations of nodes, which never change: rules and several targets ask. */
const found = new WeakMap<Site['nodes'], readonly Mark[]>();

/** Gives the marks that the nodes' configurations hold, each once, sorted by how they are written. */
export function marksOf({ nodes }: Site): readonly Mark[] {
  const marks = found.get(nodes) ?? findMarks(nodes);
  found.set(nodes, marks);
  return marks;
}

function findMarks(nodes: Site['nodes']): Mark[] {
  const marks = new Map<string, Mark>();
  for (const node of nodes) {
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
