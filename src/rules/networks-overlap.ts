import type { Rule } from './rule.ts';

export const networksOverlap: Rule = {
  code: 'networks-overlap',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
