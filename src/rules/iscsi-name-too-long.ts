import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** How long a name of iSCSI may be, in bytes. Source: RFC 7143, 4.2.7. */
const LONGEST = 223;

/** How long a secret in a name may be, as the inventory's schema has it. */
const SECRET = 'x'.repeat(40);

export const iscsiNameTooLong: Rule = {
  code: 'iscsi-name-too-long',
  severity: 'error',
  what: "The names of a node's target and of the node as its initiator are of at most 223 bytes.",
  why: 'RFC 7143 allows no longer one: a target refuses it, or cuts it off.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.iscsi) continue;
      for (const [key, what] of [
        ['target', 'target'],
        ['initiator', 'initiator'],
      ] as const) {
        const length = node.iscsi[key]?.replace(/\$\{secret:[^}]*\}/g, SECRET).length ?? 0;
        if (length <= LONGEST) continue;
        report({
          node,
          oncePerPlace: true,
          message: `The name of the ${what} of ${node.name} has ${length} characters, and iSCSI takes ${LONGEST} at most.`,
          at: placeOf(node.iscsi, key),
          help: 'begin names shorter, with server.iscsi.iqn; or have shorter names of the site, the node or the image',
        });
      }
    }
  },
};
