import type { Image, Node } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

/** An image, and the node that it is made of the disk of. */
interface Made {
  readonly image: Draft<Image>;
  readonly node: Draft<Node>;
}

export const imageOfOwnClone: Rule = {
  code: 'image-of-own-clone',
  severity: 'warning',
  what: 'No node boots a clone of the image that is to be made of its own disk, be it by way of other images and nodes.',
  why: 'An image waits for the disk that it is made of, and a disk for its image: where neither is in the store, neither is ever made.',
  check({ images = [], nodes = [] }, report) {
    const byName = new Map(nodes.map((node) => [node?.name, node]));
    const done = new Set<Draft<Image>>();
    for (const image of images) {
      const circle = image ? circleOf(image, byName, done) : [];
      const [first] = circle;
      if (!first) continue;
      const { name } = first.image;
      const others = circle.slice(1).map(({ image: other }) => other);
      report({
        message: `The image ${name} is to be made of the disk of ${first.node.name}, which is a clone of ${name} itself${others.length > 0 ? `, by way of ${namesOf(others)}` : ''}: without ${name} in the store neither can be made.`,
        at: placeOf(first.image, 'snapshotOf'),
        help: `take snapshot_of out once ${name} is in the store; until then let ${first.node.name} boot what ${name} is made from`,
      });
    }
  },
};

/** Gives the images that an image waits for, each by way of a node's disk, and that wait for it; none where they end, or have been gone through. */
function circleOf(
  image: Draft<Image>,
  nodes: ReadonlyMap<string | undefined, Draft<Node> | undefined>,
  done: Set<Draft<Image>>,
): Made[] {
  const way: Made[] = [];
  let one: Draft<Image> | undefined = image;
  while (one && !done.has(one)) {
    done.add(one);
    const node: Draft<Node> | undefined =
      one.snapshotOf === undefined ? undefined : nodes.get(one.snapshotOf);
    if (!node) return [];
    way.push({ image: one, node });
    one = node.iscsi?.image;
  }
  const start = way.findIndex((made) => made.image === one);
  return start < 0 ? [] : way.slice(start);
}
