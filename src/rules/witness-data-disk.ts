import type { Rule } from './rule.ts';

export const witnessDataDisk: Rule = {
  code: 'witness-data-disk',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
