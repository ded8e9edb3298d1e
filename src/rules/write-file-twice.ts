import type { Rule } from './rule.ts';

export const writeFileTwice: Rule = {
  code: 'write-file-twice',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
