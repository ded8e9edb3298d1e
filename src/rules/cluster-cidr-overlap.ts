import type { Rule } from './rule.ts';

export const clusterCidrOverlap: Rule = {
  code: 'cluster-cidr-overlap',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
