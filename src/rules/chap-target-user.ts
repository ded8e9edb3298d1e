import type { BootSaid } from '../site/model.ts';
import { hasPlace, isBroken, keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const chapTargetUser: Rule = {
  code: 'chap-target-user',
  severity: 'warning',
  what: 'Who a target is (CHAP, `target_user`) is said beside the password by which it proves that.',
  why: 'Without `target_password` a target proves nothing, and the name is used nowhere.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { chap } = (node?.boot ?? {}) as BootSaid;
      if (!node?.iscsi || typeof chap !== 'object' || chap === null) continue;
      const said = chap as { readonly target_user?: unknown; readonly target_password?: unknown };
      if (!hasPlace(said, 'target_user') || hasPlace(said, 'target_password')) continue;
      if (isBroken(said, 'target_password')) continue;
      report({
        node,
        oncePerPlace: true,
        message: `boot.chap.target_user says nothing here: ${node.name} does not ask its target to prove who it is.`,
        at: keyPlaceOf(said, 'target_user'),
        help: "say target_password beside it, another secret than the node's own; or take it out",
      });
    }
  },
};
