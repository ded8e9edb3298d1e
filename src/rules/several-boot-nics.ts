import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const severalBootNics: Rule = {
  code: 'several-boot-nics',
  severity: 'error',
  what: 'A node boots from one NIC.',
  why: "A node's files are named by the MAC that it boots from, so there can be only one.",
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const [first, ...others] = (node?.nics ?? []).filter((nic) => nic?.boot);
      for (const nic of others) {
        if (!first || !nic) continue;
        report({
          node,
          message: `${node?.name} is said to boot from two NICs, and its files are named by one.`,
          at: placeOf(nic, 'boot'),
          related: [{ message: 'the other is at', at: placeOf(first, 'boot') }],
          help: 'leave boot: true at one of them; the others of its network join the bond all the same',
        });
      }
    }
  },
};
