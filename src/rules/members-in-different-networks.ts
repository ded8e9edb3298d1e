import type { Rule } from './rule.ts';

export const membersInDifferentNetworks: Rule = {
  code: 'members-in-different-networks',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
