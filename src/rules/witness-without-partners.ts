import type { Rule } from './rule.ts';

export const witnessWithoutPartners: Rule = {
  code: 'witness-without-partners',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
