import type { Rule } from './rule.ts';

export const kernelArgumentsReplace: Rule = {
  code: 'kernel-arguments-replace',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
