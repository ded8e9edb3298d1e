import type { Rule } from './rule.ts';

export const disksWiped: Rule = {
  code: 'disks-wiped',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
