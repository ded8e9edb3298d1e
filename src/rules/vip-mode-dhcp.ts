import type { Rule } from './rule.ts';

export const vipModeDhcp: Rule = {
  code: 'vip-mode-dhcp',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
