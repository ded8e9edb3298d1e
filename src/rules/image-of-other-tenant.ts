import { ofWhom } from '../site/of-whom.ts';
import { isBroken, placeOf, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const imageOfOtherTenant: Rule = {
  code: 'image-of-other-tenant',
  severity: 'error',
  what: "A node boots an image of its own tenant's, or a public one; one without a tenant an image without one.",
  why: "What is on the image is read by whoever boots it: a tenant's data and keys would be another's.",
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { iscsi } = node ?? {};
      const image = iscsi?.image;
      if (!node || !image || image.public !== false || isBroken(image, 'tenant') || isBroken(node, 'tenant'))
        continue;
      if (image.tenant?.name === node.tenant?.name) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is ${ofWhom(node.tenant)}, and boots the image ${image.name}, which is ${ofWhom(image.tenant)} and not public.`,
        at: placeOf(iscsi, 'image'),
        related: [{ message: `${image.name} is defined at`, at: selfPlace(image) }],
        help: `let it boot an image of ${node.tenant?.name ?? 'its own'}, or a public one; or say \`public: true\` of ${image.name}, where everybody may have what is on it`,
      });
    }
  },
};
