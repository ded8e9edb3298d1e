import type { Rule } from './rule.ts';

export const severalWitnesses: Rule = {
  code: 'several-witnesses',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
