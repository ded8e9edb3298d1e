import type { Rule } from './rule.ts';

export const diskTooSmall: Rule = {
  code: 'disk-too-small',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
