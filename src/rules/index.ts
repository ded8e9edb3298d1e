import type { Code } from '../source/diagnostics/codes.ts';
import { CODES } from '../source/diagnostics/import-codes.ts';
import { multiSiteRules } from './across/index.ts';
import type { MultiSiteRule } from './across/rule.ts';
import { type Rule, rulesOf } from './rule.ts';
import { type ValueRule, valueRules } from './secret-values.ts';
import * as subjects from './subjects.ts';

/** Every rule over one site, sorted by code. */
export const rules = rulesOf<Rule>(...Object.values(subjects));

/** Whatever makes a diagnostic. */
export type Coded = Rule | MultiSiteRule | ValueRule | Code;

/** Every diagnostic that there is: those of rules, of one site, across sites and over values, and those of files, shape and references. */
export const EVERY_CODE: readonly Coded[] = [...rules, ...multiSiteRules, ...valueRules, ...CODES];

/** Gives what is known of a diagnostic by its code; undefined for a code that there is not. */
export function codeOf(code: string): Coded | undefined {
  return EVERY_CODE.find((one) => one.code === code);
}
