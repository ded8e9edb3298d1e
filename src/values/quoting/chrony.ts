import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as one word of a chrony configuration, as it is: chrony has no quotes and no escapes. Source: chrony,
 * cmdparse.c (CPS_NormalizeLine, CPS_SplitWord). Throws Unquotable for what is empty, blanks, control characters, other
 * than ASCII, and for what would make a comment of a line that it begins.
 */
export function quoteChrony(value: unknown): string {
  const text = String(value);
  const refuse = (why: string) => new Unquotable(text, 'a chrony configuration', why);
  if (text === '') throw refuse('it is empty');
  if (/[^!-~]/.test(text))
    throw refuse('it holds a blank, a control character or a character that is not ASCII');
  if (/^[!;#%]/.test(text)) throw refuse(`${text[0]} begins a comment`);
  return text;
}
