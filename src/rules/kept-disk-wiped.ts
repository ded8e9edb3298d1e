import type { Rule } from './rule.ts';

export const keptDiskWiped: Rule = {
  code: 'kept-disk-wiped',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
