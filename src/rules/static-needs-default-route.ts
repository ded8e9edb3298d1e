import type { Rule } from './rule.ts';

export const staticNeedsDefaultRoute: Rule = {
  code: 'static-needs-default-route',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
