import { placeOf } from '../origin.ts';
import type { Draft } from '../site/draft.ts';
import type { Node } from '../site/model.ts';
import type { Rule } from './rule.ts';

export const installAlways: Rule = {
  code: 'install-always',
  severity: 'warning',
  what: 'No node is left on `install: always`.',
  why: 'The node loses its disk at every boot, at a power cut too. One that creates its cluster makes a new one each time.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || node.install !== 'always') continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is installed anew, and its disk wiped, every time it boots${createsAnew(node)}.`,
        at: placeOf(node, 'install'),
        help: `as soon as the machine has begun to install: harvgen set SITE ${node.name} install=once, and build`,
      });
    }
  },
};

function createsAnew({ mode, cluster }: Draft<Node>): string {
  return mode === 'create' ? `, as a new cluster${cluster?.name ? ` ${cluster.name}` : ''} each time` : '';
}
