import type { Rule } from './rule.ts';

export const zoneLabels: Rule = {
  code: 'zone-labels',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
