import type { Rule } from './rule.ts';

export const ntpDiffers: Rule = {
  code: 'ntp-differs',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
