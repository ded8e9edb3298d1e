import type { Rule } from './rule.ts';

export const clusterCidrNotPrivate: Rule = {
  code: 'cluster-cidr-not-private',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
