import type { Rule } from './rule.ts';

export const noProxyIncomplete: Rule = {
  code: 'no-proxy-incomplete',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
