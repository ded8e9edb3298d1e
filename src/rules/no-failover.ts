import type { Rule } from './rule.ts';

export const noFailover: Rule = {
  code: 'no-failover',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
