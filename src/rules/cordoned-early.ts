import type { Rule } from './rule.ts';

export const cordonedEarly: Rule = {
  code: 'cordoned-early',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
