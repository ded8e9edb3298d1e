import { isBroken, placeOf } from '../source/origin.ts';
import { nodesWithoutOs } from './boot.ts';
import type { Rule } from './rule.ts';

export const snapshotWithoutDisk: Rule = {
  code: 'snapshot-without-disk',
  severity: 'error',
  what: "An image is made of the disk of a node that has one in the site's own store.",
  why: "No other disk is known to `scripts/images.sh`: it could make no image of somebody else's target, nor of a disk in the machine.",
  essential: true,
  check({ images = [], nodes = [] }, report) {
    const byName = new Map(nodes.flatMap((node) => (node?.name ? [[node.name, node]] : [])));
    const withoutOs = nodesWithoutOs(nodes);
    for (const image of images) {
      const node = image?.snapshotOf === undefined ? undefined : byName.get(image.snapshotOf);
      if (!image || !node?.os || !node.boot || node.iscsi?.disk !== undefined || withoutOs.has(node))
        continue;
      // What it boots is not known then.
      if (isBroken(node.boot as { image?: unknown }, 'image') || (node.os === 'iscsi' && !node.boot.target))
        continue;
      report({
        message: `The image ${image.name} is to be made of the disk of ${node.name}, which has none in the store: ${node.iscsi ? "its target is somebody else's" : 'it does not boot by iSCSI'}.`,
        at: placeOf(image, 'snapshotOf'),
        related: [{ message: `what ${node.name} boots is said at`, at: placeOf(node, 'os') }],
        help: 'name a node that boots an image by iSCSI; where the image is in the store by now, take snapshot_of out, and it stays as it is',
      });
    }
  },
};
