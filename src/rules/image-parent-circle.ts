import type { Image } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const imageParentCircle: Rule = {
  code: 'image-parent-circle',
  severity: 'error',
  what: 'No image is made from itself, by however many others.',
  why: 'Nothing could be made first.',
  essential: true,
  check({ images = [] }, report) {
    const done = new Set<Draft<Image>>();
    for (const image of images) {
      const circle = image ? circleOf(image, done) : [];
      const [first] = circle;
      if (!first) continue;
      report({
        message:
          circle.length === 1
            ? `The image ${first.name} is to be made from itself.`
            : `The image ${first.name} is to be made from itself, by way of ${namesOf(circle.slice(1))}.`,
        at: placeOf(first, 'parent'),
        help: 'name the image that was there first, which has no parent',
      });
    }
  },
};

/** Gives the images that an image leads to, parent by parent, and that lead round; none where they end, or have been gone through. */
function circleOf(image: Draft<Image>, done: Set<Draft<Image>>): Draft<Image>[] {
  const way: Draft<Image>[] = [];
  let one: Draft<Image> | undefined = image;
  for (; one && !done.has(one); one = one.parent) {
    done.add(one);
    way.push(one);
  }
  const start = one ? way.indexOf(one) : -1;
  return start < 0 ? [] : way.slice(start);
}
