import type { BootSaid } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const chapNone: Rule = {
  code: 'chap-none',
  severity: 'warning',
  what: "At a target of the site's own a node proves who it is (CHAP).",
  why: "Without that its address is all that the target asks for: whoever takes it, and guesses the target's name, reads and writes the node's disk.",
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const boot = node?.boot as BootSaid | undefined;
      if (!node?.iscsi || !boot || boot.chap !== 'none' || boot.target !== undefined) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} proves nothing to its target: whoever has its address has its disk.`,
        at: placeOf(boot, 'chap'),
        help: 'take `chap: none` out: user and password follow from the name of the node then, and `harvgen secrets` says which secrets that needs',
      });
    }
  },
};
