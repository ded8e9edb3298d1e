import type { Rule } from './rule.ts';

export const templateInValue: Rule = {
  code: 'template-in-value',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
