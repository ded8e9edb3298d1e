import type { Rule } from './rule.ts';

export const vlanUntagged: Rule = {
  code: 'vlan-untagged',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
