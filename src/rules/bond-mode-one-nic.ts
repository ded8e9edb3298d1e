import type { Rule } from './rule.ts';

export const bondModeOneNic: Rule = {
  code: 'bond-mode-one-nic',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
