import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const nodeCalledImage: Rule = {
  code: 'node-called-image',
  severity: 'error',
  what: 'No node that has a disk in the store is called `image`.',
  why: 'In the store a disk is `<prefix><node>.<image>` and an image `<prefix>image.<image>`: the disk of such a node would be the image itself.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.name !== 'image' || node.iscsi?.disk === undefined) continue;
      report({
        node,
        message: `The node image would write its image: in the store, its disk and that are both ${node.iscsi.disk}.`,
        at: placeOf(node, 'name'),
        help: 'call it otherwise',
      });
    }
  },
};
