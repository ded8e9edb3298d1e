import type { Image, Node, Site, Tenant } from '../site/model.ts';
import { tenantLabel } from '../site/nodes.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, locationOf, selfLocation } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { nodesWithoutOs } from './boot.ts';
import { essential, type Finding, warning } from './rule.ts';
import { perItem } from './support.ts';

export const imageMadeOfOthers = essential('image-made-of-others', {
  what: "An image is made from a public one, or from one of its own tenant's that is no more public than it; and of a disk of its own tenant's.",
  why: "It holds what was on that: by way of it a tenant's data and keys would reach another's nodes.",
  check: perItem(imagesOf, (image, report, site) => {
    if (isBroken(image, 'tenant') || image.public === undefined) return;
    const node = diskOwner(image, site);
    const found = fromImage(image, node) ?? (node && ofDisk(image, node));
    if (!found) return;
    const { of, ...more } = found;
    const message = `The image ${image.name} is ${image.public ? 'public' : tenantLabel(image.tenant)}, and made ${of}.`;
    report({ message, ...more });
  }),
});

function imagesOf({ images = [] }: Draft<Site>) {
  return images;
}

type Found = Pick<Finding, 'at' | 'related' | 'help'> & {
  /** What it is made of, in words. */
  readonly of: string;
};

/** What an image should not have of its parent, if anything. `node` is that of whose disk it is made. */
function fromImage(image: Draft<Image>, node: Draft<Node> | undefined): Found | undefined {
  const { parent } = image;
  if (parent?.public !== false || isBroken(parent, 'tenant')) return undefined;
  if (!image.public && isSame(image.tenant, parent.tenant)) return undefined;
  // What follows from the node's image alone is at fault there: image-of-other-tenant speaks of it.
  if (node?.iscsi?.image === parent && !isSame(node.tenant, parent.tenant)) return undefined;
  return {
    of: `from ${parent.name}, which is ${tenantLabel(parent.tenant)} and not public`,
    at: locationOf(image, 'parent'),
    related: [{ message: `${parent.name} is defined at`, at: selfLocation(parent) }],
    help: `say \`public: true\` of ${parent.name}, where everybody may have what is on it; or make ${image.name} ${parent.tenant ? `one of ${parent.tenant.name}` : 'one of no tenant'}, and not public`,
  };
}

/** What an image should not have of a node's disk, if anything. What is made public of it is for its tenant to say. */
function ofDisk(image: Draft<Image>, node: Draft<Node>): Found | undefined {
  if (isBroken(node, 'tenant') || isSame(image.tenant, node.tenant)) return undefined;
  if (image.public && image.tenant === undefined) return undefined;
  return {
    of: `of the disk of ${node.name}, which is ${tenantLabel(node.tenant)}`,
    at: locationOf(image, 'snapshotOf'),
    related: [{ message: `${node.name} is defined at`, at: locationOf(node, 'name') }],
    help: node.tenant
      ? `say \`tenant: ${node.tenant.name}\` of ${image.name}`
      : `take its tenant out, or say which tenant ${node.name} is of`,
  };
}

/** Returns the node of whose disk an image is to be made. */
function diskOwner({ snapshotOf }: Draft<Image>, { nodes = [] }: Draft<Site>): Draft<Node> | undefined {
  // Of two nodes with one name the last counts.
  return snapshotOf === undefined ? undefined : nodes.findLast((node) => node?.name === snapshotOf);
}

function isSame(one: Draft<Tenant> | undefined, other: Draft<Tenant> | undefined): boolean {
  return one?.name === other?.name;
}

export const imageOfOwnClone = warning('image-of-own-clone', {
  what: 'No node boots a clone of the image that is to be made of its own disk, be it by way of other images and nodes.',
  why: 'An image waits for the disk that it is made of, and a disk for its image: where neither is in the store, neither is ever made.',
  check(site, report) {
    for (const { first, byWay } of circlesOf(
      imagesOf(site),
      (image) => diskOwner(image, site)?.iscsi?.image,
    )) {
      const { name } = first;
      const node = diskOwner(first, site)?.name;
      report({
        message: `The image ${name} is to be made of the disk of ${node}, which is a clone of ${name} itself${byWay}: without ${name} in the store neither can be made.`,
        at: locationOf(first, 'snapshotOf'),
        help: `take snapshot_of out once ${name} is in the store; until then let ${node} boot what ${name} is made from`,
      });
    }
  },
});

export const imageOfTwoOrigins = essential('image-of-two-origins', {
  what: "An image is made of a file (`source`), of a node's disk (`snapshot_of`), or is in the store already, and has a parent only where it is not made of a file.",
  why: 'It could not be told which of the two it is made of.',
  check: perItem(imagesOf, (image, report) => {
    if (image.source === undefined) return;
    const other = image.snapshotOf === undefined ? 'parent' : 'snapshotOf';
    if (image[other] === undefined) return;
    report({
      message: `The image ${image.name} is to be made of the file ${image.source}, and ${other === 'parent' ? `from the image ${image.parent?.name}` : `of the disk of ${image.snapshotOf}`}.`,
      at: keyLocationOf(image, other),
      related: [{ message: 'the file is said at', at: keyLocationOf(image, 'source') }],
      help: `take one of the two out; ${other === 'parent' ? 'a file is a golden image, which has no parent' : 'two images, with the second the parent of the first, are what was meant otherwise'}`,
    });
  }),
});

export const imageParentCircle = essential('image-parent-circle', {
  what: 'No image is made from itself, by however many others.',
  why: 'Nothing could be made first.',
  check({ images = [] }, report) {
    for (const { first, byWay } of circlesOf(images, ({ parent }) => parent))
      report({
        message: `The image ${first.name} is to be made from itself${byWay}.`,
        at: locationOf(first, 'parent'),
        help: 'name the image that was there first, which has no parent',
      });
  },
});

/** Gives the images that lead from one to the next back to themselves: the first of each circle, and the others in words. */
function* circlesOf(
  images: readonly (Draft<Image> | undefined)[],
  next: (image: Draft<Image>) => Draft<Image> | undefined,
) {
  const done = new Set<Draft<Image>>();
  for (let image of images) {
    const way: Draft<Image>[] = [];
    for (; image && !done.has(image); image = next(image)) {
      done.add(image);
      way.push(image);
    }
    const start = image ? way.indexOf(image) : -1;
    const [first, ...others] = start < 0 ? [] : way.slice(start);
    if (first) yield { first, byWay: others.length > 0 ? `, by way of ${namesOf(others)}` : '' };
  }
}

export const snapshotWithoutDisk = essential('snapshot-without-disk', {
  what: "An image is made of the disk of a node that has one in the site's own store.",
  why: "No other disk is known to `scripts/images.sh`: it could make no image of somebody else's target, nor of a disk in the machine.",
  check: perItem(imagesOf, (image, report, site) => {
    const node = diskOwner(image, site);
    if (!node?.os || !node.boot || node.iscsi?.disk !== undefined) return;
    if (nodesWithoutOs(site.nodes ?? []).has(node)) return;
    // What it boots is not known then.
    if (isBroken(node.boot as { image?: unknown }, 'image') || (node.os === 'iscsi' && !node.boot.target))
      return;
    report({
      message: `The image ${image.name} is to be made of the disk of ${node.name}, which has none in the store: ${node.iscsi ? "its target is somebody else's" : 'it does not boot by iSCSI'}.`,
      at: locationOf(image, 'snapshotOf'),
      related: [{ message: `what ${node.name} boots is said at`, at: locationOf(node, 'os') }],
      help: 'name a node that boots an image by iSCSI; where the image is in the store by now, take snapshot_of out, and it stays as it is',
    });
  }),
});
