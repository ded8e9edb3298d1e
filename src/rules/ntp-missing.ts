import type { Rule } from './rule.ts';

export const ntpMissing: Rule = {
  code: 'ntp-missing',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
