import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const chapSecretBothWays: Rule = {
  code: 'chap-secret-both-ways',
  severity: 'error',
  what: 'No password by which a target proves who it is (mutual CHAP) is that of a node.',
  why: 'RFC 7143, 9.2.1, forbids it: whoever is asked for one could ask the other the same, and answer with what that says. Initiators and targets refuse the login.',
  check({ nodes = [] }, report) {
    const names = new Map<string, string | undefined>();
    for (const node of nodes) {
      const password = node?.iscsi?.chap?.password;
      if (password !== undefined && !names.has(password)) names.set(password, node?.name);
    }
    for (const node of nodes) {
      const { chap } = node?.iscsi ?? {};
      if (!node || !chap?.targetPassword || !names.has(chap.targetPassword)) continue;
      const whose = chap.password === chap.targetPassword ? node.name : names.get(chap.targetPassword);
      report({
        node,
        oncePerPlace: true,
        message: `The target of ${node.name} has the CHAP password of ${whose === node.name ? 'the node' : whose}: it would prove nothing.`,
        at: placeOf(chap, 'targetPassword'),
        help: 'give the target another secret: `target_password: ${secret:chap_target}`',
      });
    }
  },
};
