import type { Rule } from './rule.ts';

export const kernelLineTooLong: Rule = {
  code: 'kernel-line-too-long',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
