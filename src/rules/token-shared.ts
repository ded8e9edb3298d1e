import type { Rule } from './rule.ts';

export const tokenShared: Rule = {
  code: 'token-shared',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
