import type { Rule } from './rule.ts';

export const unknownDisk: Rule = {
  code: 'unknown-disk',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
