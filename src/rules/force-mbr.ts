import type { Rule } from './rule.ts';

export const forceMbr: Rule = {
  code: 'force-mbr',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
