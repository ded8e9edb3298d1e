import type { Rule } from './rule.ts';

export const httpsNeedsPublicCa: Rule = {
  code: 'https-needs-public-ca',
  severity: 'warning',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
