import type { Rule } from './rule.ts';

export const mtuDiffers: Rule = {
  code: 'mtu-differs',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
