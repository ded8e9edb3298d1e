import type { Rule } from './rule.ts';

export const unstableDiskName: Rule = {
  code: 'unstable-disk-name',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
