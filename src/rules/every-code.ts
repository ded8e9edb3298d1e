import { CODES, type Code } from '../source/diagnostics/codes.ts';
import type { AcrossRule } from './across/across-rule.ts';
import { acrossRules } from './across/index.ts';
import { rules } from './index.ts';
import type { Rule } from './rule.ts';
import { valueRules } from './values/index.ts';
import type { ValueRule } from './values/value-rule.ts';

/** Whatever makes a diagnostic. */
export type Coded = Rule | AcrossRule | ValueRule | Code;

/** Every diagnostic that there is: those of rules, of one site, across sites and over values, and those of files, shape and references. */
export const EVERY_CODE: readonly Coded[] = [...rules, ...acrossRules, ...valueRules, ...CODES];

/** Gives what is known of a diagnostic by its code; undefined for a code that there is not. */
export function codeOf(code: string): Coded | undefined {
  return EVERY_CODE.find((one) => one.code === code);
}
