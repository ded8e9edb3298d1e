import type { Rule } from './rule.ts';

export const airGapped: Rule = {
  code: 'air-gapped',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
