import type { Rule } from './rule.ts';

export const restrictedLabel: Rule = {
  code: 'restricted-label',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
