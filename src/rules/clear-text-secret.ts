import type { Rule } from './rule.ts';

export const clearTextSecret: Rule = {
  code: 'clear-text-secret',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
