import type { Rule } from './rule.ts';

export const undecodableFile: Rule = {
  code: 'undecodable-file',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
