import { isKnownToAll, isPattern } from '../../knowledge/tables/known-secrets.ts';

/** Fewer different characters than this are a pattern, not chance: a random token of hexadecimal digits has about a dozen. */
const DIFFERENT = 5;

/** Says in words why a value can be guessed; undefined where nothing speaks for it. `enough` is how long it should be. */
export function whyGuessable(value: string, enough: number): string | undefined {
  if (isKnownToAll(value)) return 'stands in public examples, and is known to everybody';
  if (Array.from(value).length < enough) return `has fewer than ${enough} characters: it can be guessed`;
  if (new Set(value).size < DIFFERENT) return 'repeats very few characters: it can be guessed';
  if (isPattern(value)) return 'is made of well-known words or of rows of characters: it can be guessed';
  return undefined;
}
