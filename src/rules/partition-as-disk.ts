import type { Rule } from './rule.ts';

export const partitionAsDisk: Rule = {
  code: 'partition-as-disk',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
