import type { Rule } from './rule.ts';

export const isoOfOtherRelease: Rule = {
  code: 'iso-of-other-release',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
