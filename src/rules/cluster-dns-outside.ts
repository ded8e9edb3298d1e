import type { Rule } from './rule.ts';

export const clusterDnsOutside: Rule = {
  code: 'cluster-dns-outside',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
