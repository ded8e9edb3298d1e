import { placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const installAlways: Rule = {
  code: 'install-always',
  severity: 'warning',
  what: 'No node is left on `install: always`.',
  why: 'The node loses its disk at every boot, at a power cut too.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || node.install !== 'always') continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is installed anew, and its disk wiped, every time it boots.`,
        at: placeOf(node, 'install'),
        help: 'set it back to install: once as soon as the machine has begun to install',
      });
    }
  },
};
