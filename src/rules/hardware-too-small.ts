import type { Rule } from './rule.ts';

export const hardwareTooSmall: Rule = {
  code: 'hardware-too-small',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
