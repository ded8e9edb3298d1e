import type { Rule } from './rule.ts';

export const serverUrlNeedsPort: Rule = {
  code: 'server-url-needs-port',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
