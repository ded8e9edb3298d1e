import type { Rule } from './rule.ts';

export const vlanDiffers: Rule = {
  code: 'vlan-differs',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
