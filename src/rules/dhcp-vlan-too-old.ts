import type { Rule } from './rule.ts';

export const dhcpVlanTooOld: Rule = {
  code: 'dhcp-vlan-too-old',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
