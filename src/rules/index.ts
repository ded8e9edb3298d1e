import type { Code } from '../source/diagnostics/codes.ts';
import { CODES } from '../source/diagnostics/import-codes.ts';
import { multiSiteRules } from './across/index.ts';
import type { MultiSiteRule } from './across/rule.ts';
import { type Rule, rulesOf } from './rule.ts';
import { type ValueRule, valueRules } from './secrets/secret-values.ts';
import * as subjects from './subjects.ts';

/** Every rule over one site, sorted by code. */
export const rules = rulesOf<Rule>(...Object.values(subjects));

/** A kind of diagnostic. */
export type Coded = Rule | MultiSiteRule | ValueRule | Code;

/** All diagnostics: of rules over one site, several sites and secret values, and of files, the schema and references. */
export const EVERY_CODE: readonly Coded[] = [...rules, ...multiSiteRules, ...valueRules, ...CODES];

/** Returns the diagnostic with a code, or undefined for an unknown code. */
export function codeOf(code: string): Coded | undefined {
  return EVERY_CODE.find((one) => one.code === code);
}
