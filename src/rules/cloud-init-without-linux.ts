import { hasPlace, placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const cloudInitWithoutLinux: Rule = {
  code: 'cloud-init-without-linux',
  severity: 'warning',
  what: 'A node that says something of cloud-init itself boots Linux by its kernel.',
  why: 'Harvester reads a configuration of its own, and a machine that boots its disk asks nobody: it would never find it.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.os || node.os === 'linux' || !hasPlace(node, 'cloudInit')) continue;
      report({
        node,
        message: `${node.name} boots ${node.os === 'harvester' ? 'Harvester' : 'its disk'}, where nothing reads what is said of cloud-init.`,
        at: placeOf(node, 'cloudInit'),
        help: 'give it `boot: {os: linux, …}`, or take cloud_init out',
      });
    }
  },
};
