import type { Rule } from './rule.ts';

export const bondModeDiffers: Rule = {
  code: 'bond-mode-differs',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
