import type { Rule } from './rule.ts';

export const passwordAuthOff: Rule = {
  code: 'password-auth-off',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
