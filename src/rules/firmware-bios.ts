import type { Rule } from './rule.ts';

export const firmwareBios: Rule = {
  code: 'firmware-bios',
  severity: 'error',
  what: 'Stub.',
  why: 'Stub.',
  check() {},
};
