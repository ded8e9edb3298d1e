import type { Rule } from './rule.ts';

export const persistentPartitionSize: Rule = {
  code: 'persistent-partition-size',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
