import type { BootSaid } from '../site/model.ts';
import { lacks, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const iscsiSizeMissing: Rule = {
  code: 'iscsi-size-missing',
  severity: 'error',
  what: "A blank disk on the site's own iSCSI server, for Harvester, has a size.",
  why: 'It is a clone of no image that has one: `scripts/images.sh` would make a disk on which nothing fits.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const boot = node?.boot as BootSaid | undefined;
      if (!boot || node?.os !== 'harvester' || node.iscsi?.disk === undefined || !lacks(boot, 'size'))
        continue;
      report({
        node,
        oncePerPlace: true,
        message: `The disk of ${node.name} is a blank one, and does not say how large it is.`,
        at: placeOf(boot, 'disk'),
        help: 'say it beside disk: `boot: {disk: iscsi, size: 400Gi}`',
      });
    }
  },
};
