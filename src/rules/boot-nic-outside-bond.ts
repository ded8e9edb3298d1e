import type { Rule } from './rule.ts';

export const bootNicOutsideBond: Rule = {
  code: 'boot-nic-outside-bond',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
