import type { Rule } from './rule.ts';

export const cordonedWitness: Rule = {
  code: 'cordoned-witness',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
