import type { Rule } from './rule.ts';

export const evenEtcdMembers: Rule = {
  code: 'even-etcd-members',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
