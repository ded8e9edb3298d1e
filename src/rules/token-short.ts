import type { Rule } from './rule.ts';

export const tokenShort: Rule = {
  code: 'token-short',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
