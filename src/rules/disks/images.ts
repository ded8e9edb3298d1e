import type { Image, Node, Site, Tenant } from '../../site/model.ts';
import { tenantLabel } from '../../site/nodes.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, locationOf, selfLocation } from '../../source/origin.ts';
import type { Draft } from '../../values/draft.ts';
import { nodesWithoutOs } from '../machines/boot.ts';
import { essential, type LocatedFinding, type Rule, warning } from '../rule.ts';
import { perItem } from '../support.ts';

export const imageRules: readonly Rule[] = [
  essential('image-made-of-others', {
    what: "An image must be made from a public parent, its tenant's disk or, if private, a parent of its tenant.",
    why: "The image contains the data of its origin: a tenant's data and keys would reach another tenant's nodes.",
    check: perItem(imagesOf, (image, report, site) => {
      if (isBroken(image, 'tenant') || image.public === undefined) return;
      const node = diskOwner(image, site);
      const found = fromImage(image, node) ?? (node && ofDisk(image, node));
      if (!found) return;
      const { at, madeOf, ...others } = found;
      const message = `The image ${image.name} is ${image.public ? 'public' : tenantLabel(image.tenant)} but made ${madeOf}: its private data would reach other nodes.`;
      report(at, { message, ...others });
    }),
  }),
  warning('image-of-own-clone', {
    what: 'A node must not boot a clone of the image that is made of its own disk, even indirectly.',
    why: 'The image needs the disk, and the disk needs the image: if neither is in the store, neither is ever made.',
    check(site, report) {
      const originOf = (image: Draft<Image>) => diskOwner(image, site)?.iscsi?.image;
      for (const { first, byWay } of circlesOf(imagesOf(site), originOf)) {
        const { name } = first;
        const node = diskOwner(first, site)?.name;
        report(locationOf(first, 'snapshotOf'), {
          message: `The image ${name} is made of the disk of ${node}, which is a clone of ${name} itself${byWay}: without ${name} in the store, neither can be made.`,
          help: `remove snapshot_of once ${name} is in the store; until then, let ${node} boot the origin of ${name}`,
        });
      }
    },
  }),
  essential('image-of-two-origins', {
    what: 'An image with a `source` must not have `snapshot_of` or `parent`. An image without origin must be in the store.',
    why: 'Only one origin can apply, and the choice is ambiguous.',
    check: perItem(imagesOf, (image, report) => {
      if (image.source === undefined) return;
      const other = image.snapshotOf === undefined ? 'parent' : 'snapshotOf';
      if (image[other] === undefined) return;
      report(keyLocationOf(image, other), {
        message: `The image ${image.name} is made of the file ${image.source}, and also ${other === 'parent' ? `from the image ${image.parent?.name}` : `of the disk of ${image.snapshotOf}`}: its origin is ambiguous.`,
        related: [{ message: 'the file is set at', at: keyLocationOf(image, 'source') }],
        help: `remove one of the two; ${other === 'parent' ? 'a file is a golden image without a parent' : 'or define two images, one as the parent of the other'}`,
      });
    }),
  }),
  essential('image-parent-circle', {
    what: 'An image must not be made from itself, directly or through other images.',
    why: 'None of these images can be made first.',
    check({ images = [] }, report) {
      for (const { first, byWay } of circlesOf(images, ({ parent }) => parent))
        report(locationOf(first, 'parent'), {
          message: `The image ${first.name} is made from itself${byWay}: no image can be made first.`,
          help: 'set parent to the original image, which has no parent',
        });
    },
  }),
  essential('snapshot-without-disk', {
    what: "An image must be made of the disk of a node with a disk in the site's own store.",
    why: "The script `scripts/images.sh` finds only disks in the store: it cannot copy another server's target or a local disk.",
    check: perItem(imagesOf, (image, report, site) => {
      const node = diskOwner(image, site);
      if (!node?.os || !node.boot || node.iscsi?.disk !== undefined) return;
      if (nodesWithoutOs(site.nodes ?? []).has(node)) return;
      // With an error in the image, or without an image and a target, the boot disk is unknown.
      if (isBroken(node.boot as { image?: unknown }, 'image') || (node.os === 'iscsi' && !node.boot.target))
        return;
      report(locationOf(image, 'snapshotOf'), {
        message: `The image ${image.name} is made of the disk of ${node.name}, which is not in the store: ${node.iscsi ? 'its target is on another server' : 'the node does not boot by iSCSI'}.`,
        related: [{ message: `the boot disk of ${node.name} is set at`, at: locationOf(node, 'os') }],
        help: 'name a node that boots an image by iSCSI; or, to keep an image that is in the store, remove snapshot_of',
      });
    }),
  }),
];

function imagesOf({ images = [] }: Draft<Site>) {
  return images;
}

type Found = Pick<LocatedFinding, 'at' | 'related' | 'help'> & {
  /** The origin of the image, in words. */
  readonly madeOf: string;
};

/** Returns the error of an image's parent, if any. `node` is the owner of the disk that the image is made of. */
function fromImage(image: Draft<Image>, node: Draft<Node> | undefined): Found | undefined {
  const { parent } = image;
  if (parent?.public !== false || isBroken(parent, 'tenant')) return undefined;
  if (!image.public && isSame(image.tenant, parent.tenant)) return undefined;
  // The error is that of the node's image: image-of-other-tenant reports it there.
  if (node?.iscsi?.image === parent && !isSame(node.tenant, parent.tenant)) return undefined;
  return {
    madeOf: `from ${parent.name}, which is ${tenantLabel(parent.tenant)} and not public`,
    at: locationOf(image, 'parent'),
    related: [{ message: `${parent.name} is defined at`, at: selfLocation(parent) }],
    help: `set \`public: true\` for ${parent.name} if its content is public; or make ${image.name} private and ${parent.tenant ? `set its tenant to ${parent.tenant.name}` : 'remove its tenant'}`,
  };
}

/** Returns the error of an image of a node's disk, if any. A tenant may publish an image of its own disk. */
function ofDisk(image: Draft<Image>, node: Draft<Node>): Found | undefined {
  if (isBroken(node, 'tenant') || isSame(image.tenant, node.tenant)) return undefined;
  if (image.public && image.tenant === undefined) return undefined;
  return {
    madeOf: `of the disk of ${node.name}, which is ${tenantLabel(node.tenant)}`,
    at: locationOf(image, 'snapshotOf'),
    related: [{ message: `${node.name} is defined at`, at: locationOf(node, 'name') }],
    help: node.tenant
      ? `set \`tenant: ${node.tenant.name}\` for ${image.name}`
      : `remove the tenant of the image, or set the tenant of ${node.name}`,
  };
}

/** Returns the node whose disk an image is made of. */
function diskOwner({ snapshotOf }: Draft<Image>, { nodes = [] }: Draft<Site>): Draft<Node> | undefined {
  // Of two nodes with one name, the last applies.
  return snapshotOf === undefined ? undefined : nodes.findLast((node) => node?.name === snapshotOf);
}

function isSame(one: Draft<Tenant> | undefined, other: Draft<Tenant> | undefined): boolean {
  return one?.name === other?.name;
}

/** Yields each circle of images that lead back to themselves: the first image, and the others in words. */
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
    if (first) yield { first, byWay: others.length > 0 ? `, through ${namesOf(others)}` : '' };
  }
}
