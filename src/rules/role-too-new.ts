import type { Rule } from './rule.ts';

export const roleTooNew: Rule = {
  code: 'role-too-new',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
