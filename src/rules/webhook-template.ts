import type { Rule } from './rule.ts';

export const webhookTemplate: Rule = {
  code: 'webhook-template',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
