import type { Rule } from './rule.ts';

export const createNodeRole: Rule = {
  code: 'create-node-role',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
