import { CODES, type Code } from '../diagnostics/codes.ts';
import { rules } from './index.ts';
import type { Rule } from './rule.ts';

/** Every diagnostic that there is: those of rules, and those of files, shape and references. */
export const EVERY_CODE: readonly (Rule | Code)[] = [...rules, ...CODES];

/** Gives what is known of a diagnostic by its code; undefined for a code that there is not. */
export function codeOf(code: string): Rule | Code | undefined {
  return EVERY_CODE.find((one) => one.code === code);
}
