import type { Rule } from './rule.ts';

export const netInstallIso: Rule = {
  code: 'net-install-iso',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
