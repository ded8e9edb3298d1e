import { hasPlace, placeOf } from '../source/origin.ts';
import { BOOTED } from './boot.ts';
import type { Rule } from './rule.ts';

export const cloudInitWithoutLinux: Rule = {
  code: 'cloud-init-without-linux',
  severity: 'warning',
  what: 'A node that says something of cloud-init itself boots Linux by its kernel.',
  why: 'Harvester reads a configuration of its own, and what is on a disk, local or by iSCSI, has no kernel line that says where to ask: it would never find it.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.os || node.os === 'linux' || !hasPlace(node, 'cloudInit')) continue;
      report({
        node,
        message: `${node.name} boots ${BOOTED[node.os]}, where nothing reads what is said of cloud-init.`,
        at: placeOf(node, 'cloudInit'),
        help:
          node.os === 'iscsi'
            ? 'put it onto the disk, before its image is made or once it is booted; or take cloud_init out'
            : 'give it `boot: {os: linux, …}`, or take cloud_init out',
      });
    }
  },
};
