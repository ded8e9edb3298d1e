/** What stands in double quotes as it is: no quotes, backslashes, controls of YAML 1.1, and halves of surrogate pairs. */
const AS_IT_IS = /^[ !#-[\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** What stands within JSON and would not do in YAML: an escape that YAML has a shorter one for, or blanks before a line's end. */
const ESCAPE = / ?\\(?:u([0-9a-f]{4})|.)/g;

/** What is a line break or a control to YAML 1.1 must not stand inside of quotes as it is. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** The escapes of YAML that are shorter than those of JSON, by code. */
const SHORT: Readonly<Record<string, string>> = { '0000': '0', '0007': 'a', '000b': 'v', '001b': 'e' };

/**
 * Gives a text in double quotes, on one line, as YAML 1.1 and YAML 1.2 read it alike. Every text can be written so.
 * Source: YAML 1.1, 5.6; the escapes are those that the package `yaml` writes.
 */
export function quoteYaml(text: string): string {
  if (AS_IT_IS.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(ESCAPE, escapeOf).replace(UNPRINTABLE, escapeUnicode);
}

function escapeOf(whole: string, code: string | undefined): string {
  // A blank before the end of a line is escaped: it must not be folded away.
  if (whole === ' \\n') return '\\ \\n';
  if (code === undefined) return whole;
  const blank = whole.startsWith(' ') ? ' ' : '';
  if (code in SHORT) return `${blank}\\${SHORT[code]}`;
  return code.startsWith('00') ? `${blank}\\x${code.slice(2)}` : whole;
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
