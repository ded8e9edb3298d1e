import type { Rule } from './rule.ts';

export const malformedSshKey: Rule = {
  code: 'malformed-ssh-key',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
