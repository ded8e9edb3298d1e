import type { Rule } from './rule.ts';

export const replicaCountTooHigh: Rule = {
  code: 'replica-count-too-high',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
