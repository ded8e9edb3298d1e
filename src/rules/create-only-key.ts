import { keyPlaceOf } from '../origin.ts';
import { createOnlyPaths } from '../site/create-only.ts';
import type { Rule } from './rule.ts';

/** What only a create node may have does not stand on a join node itself. */
export const createOnlyKey: Rule = {
  code: 'create-only-key',
  severity: 'error',
  why: 'The installer of a join node ignores these keys without a word; with a VIP it even starts DHCP for it.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || node.mode !== 'join' || !node.own) continue;
      for (const path of createOnlyPaths(node.own)) {
        const key = path.at(-1) as string;
        const holder = path
          .slice(0, -1)
          .reduce<object>((map, step) => (map as Record<string, object>)[step] ?? map, node.own);
        report({
          message: `${path.join('.')} counts on the node that creates the cluster alone, and ${node.name} joins: it would be ignored.`,
          at: keyPlaceOf(holder as Record<string, unknown>, key),
          help: 'move it to the create node, or to defaults, from where it reaches that node only',
        });
      }
    }
  },
};
