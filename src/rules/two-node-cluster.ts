import type { Rule } from './rule.ts';

export const twoNodeCluster: Rule = {
  code: 'two-node-cluster',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
