import { createsAnew } from '../site/creates-anew.ts';
import { placeOf } from '../source/origin.ts';
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
        message: `${node.name} is installed anew, and its disk wiped, every time it boots${createsAnew({ mode: node.mode, cluster: node.cluster?.name })}.`,
        at: placeOf(node, 'install'),
        help: [
          `as soon as the machine has begun to install: harvgen set SITE ${node.name} install=null, and build`,
          'where a profile or the defaults say it, set it to once there',
          ...(node.mode === 'create'
            ? ['where the cluster stands, make one that is not to be installed anew the create node']
            : []),
          ...(node.drive === undefined
            ? []
            : ['boot.drive is not the disk that is wiped: install.device is']),
        ].join('; '),
      });
    }
  },
};
