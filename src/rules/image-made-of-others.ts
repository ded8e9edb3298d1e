import type { Image, Node, Tenant } from '../site/model.ts';
import { ofWhom } from '../site/of-whom.ts';
import { hasPlace, isBroken, type Place, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const imageMadeOfOthers: Rule = {
  code: 'image-made-of-others',
  severity: 'error',
  what: "An image is made from a public one, or from one of its own tenant's that is no more public than it; and of a disk of its own tenant's.",
  why: "It holds what was on that: by way of it a tenant's data and keys would reach another's nodes.",
  essential: true,
  check({ images = [], nodes = [] }, report) {
    const byName = new Map(nodes.flatMap((node) => (node?.name ? [[node.name, node]] : [])));
    for (const image of images) {
      if (!image || isBroken(image, 'tenant') || image.public === undefined) continue;
      const node = image.snapshotOf === undefined ? undefined : byName.get(image.snapshotOf);
      const found = fromImage(image, node) ?? (node && ofDisk(image, node));
      if (!found) continue;
      report({
        message: `The image ${image.name} is ${image.public ? 'public' : ofWhom(image.tenant)}, and made ${found.of}.`,
        at: found.at,
        related: [{ message: `${found.name} is defined at`, at: found.definedAt }],
        help: found.help,
      });
    }
  },
};

interface Found {
  readonly of: string;
  readonly at: Place;
  readonly name: string | undefined;
  readonly definedAt: Place;
  readonly help: string;
}

/** What an image should not have of its parent, if anything. `node` is that of whose disk it is made. */
function fromImage(image: Draft<Image>, node: Draft<Node> | undefined): Found | undefined {
  const { parent } = image;
  if (parent?.public !== false || isBroken(parent, 'tenant')) return undefined;
  if (!image.public && isSame(image.tenant, parent.tenant)) return undefined;
  // What follows from the node's image alone is at fault there: image-of-other-tenant speaks of it.
  if (node?.iscsi?.image === parent && !isSame(node.tenant, parent.tenant)) return undefined;
  return {
    of: `from ${parent.name}, which is ${ofWhom(parent.tenant)} and not public`,
    at: hasPlace(image, 'parent') ? placeOf(image, 'parent') : selfPlace(image),
    name: parent.name,
    definedAt: selfPlace(parent),
    help: `say \`public: true\` of ${parent.name}, where everybody may have what is on it; or make ${image.name} ${parent.tenant ? `one of ${parent.tenant.name}` : 'one of no tenant'}, and not public`,
  };
}

/** What an image should not have of a node's disk, if anything. What is made public of it is for its tenant to say. */
function ofDisk(image: Draft<Image>, node: Draft<Node>): Found | undefined {
  if (isBroken(node, 'tenant') || isSame(image.tenant, node.tenant)) return undefined;
  if (image.public && image.tenant === undefined) return undefined;
  return {
    of: `of the disk of ${node.name}, which is ${ofWhom(node.tenant)}`,
    at: placeOf(image, 'snapshotOf'),
    name: node.name,
    definedAt: placeOf(node, 'name'),
    help: node.tenant
      ? `say \`tenant: ${node.tenant.name}\` of ${image.name}`
      : `take its tenant out, or say which tenant ${node.name} is of`,
  };
}

function isSame(one: Draft<Tenant> | undefined, other: Draft<Tenant> | undefined): boolean {
  return one?.name === other?.name;
}
