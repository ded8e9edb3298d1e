import type { Rule } from './rule.ts';

export const settingNotJson: Rule = {
  code: 'setting-not-json',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
