import { keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const imageOfTwoOrigins: Rule = {
  code: 'image-of-two-origins',
  severity: 'error',
  what: "An image is made of a file (`source`), of a node's disk (`snapshot_of`), or is in the store already, and has a parent only where it is not made of a file.",
  why: 'It could not be told which of the two it is made of.',
  essential: true,
  check({ images = [] }, report) {
    for (const image of images) {
      if (image?.source === undefined) continue;
      const other = image.snapshotOf === undefined ? 'parent' : 'snapshotOf';
      if (image[other] === undefined) continue;
      report({
        message: `The image ${image.name} is to be made of the file ${image.source}, and ${other === 'parent' ? `from the image ${image.parent?.name}` : `of the disk of ${image.snapshotOf}`}.`,
        at: keyPlaceOf(image, other),
        related: [{ message: 'the file is said at', at: keyPlaceOf(image, 'source') }],
        help: `take one of the two out; ${other === 'parent' ? 'a file is a golden image, which has no parent' : 'two images, with the second the parent of the first, are what was meant otherwise'}`,
      });
    }
  },
};
