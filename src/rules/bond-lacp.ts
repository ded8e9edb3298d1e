import type { Rule } from './rule.ts';

export const bondLacp: Rule = {
  code: 'bond-lacp',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
