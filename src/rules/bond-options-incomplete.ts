import type { Rule } from './rule.ts';

export const bondOptionsIncomplete: Rule = {
  code: 'bond-options-incomplete',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
