import type { Rule } from './rule.ts';

export const hardwareBelowMinimum: Rule = {
  code: 'hardware-below-minimum',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
