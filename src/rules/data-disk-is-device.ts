import type { Rule } from './rule.ts';

export const dataDiskIsDevice: Rule = {
  code: 'data-disk-is-device',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
