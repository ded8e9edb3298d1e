import type { BootSaid } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const tgtLunZero: Rule = {
  code: 'tgt-lun-zero',
  severity: 'error',
  what: "At a target of the site's own that tgt serves, no disk is LUN 0.",
  why: 'There tgt has a controller of its own, which every target has: it refuses a disk of that number, and the node finds none (usr/target.c, tgt_target_create).',
  essential: true,
  check({ server, nodes = [] }, report) {
    if (server?.iscsi?.driver !== 'tgt') return;
    for (const node of nodes) {
      if (node?.iscsi?.lun !== 0 || node.iscsi.disk === undefined) continue;
      report({
        node,
        oncePerPlace: true,
        message: `The disk of ${node.name} is to be LUN 0, which is the controller of tgt's targets.`,
        at: placeOf(node.boot as BootSaid, 'lun'),
        help: 'take lun out: it is 1 unless said',
      });
    }
  },
};
