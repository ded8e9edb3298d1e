import type { Rule } from './rule.ts';

export const serverUrlByName: Rule = {
  code: 'server-url-by-name',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
