import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as one word of a GRUB script: as it is where it is plain, else in single quotes, in which nothing but the
 * quote itself is special. Source: GRUB's manual, "Writing full configuration files directly", Quoting.
 * Throws Unquotable for control characters, and for what is not ASCII: GRUB's console shows neither.
 */
export function quoteGrub(value: unknown): string {
  const text = String(value);
  if (/[^ -~]/.test(text))
    throw new Unquotable(text, 'a GRUB script', 'it holds a control character or one that is not ASCII');
  if (/^[A-Za-z0-9_./:@%+-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Gives an argument of the kernel as a word of GRUB's `linux` command. GRUB puts one with a blank in double quotes, as the
 * kernel wants it, and a backslash before each quote and backslash in it, which the kernel would keep: so quotes around the
 * argument, or around its value, are left to GRUB.
 * Source: GRUB, grub-core/lib/cmdline.c (grub_create_loader_cmdline).
 * Throws Unquotable for what GRUB cannot hand to a kernel as it is: other quotes, and backslashes.
 */
export function quoteGrubArg(word: string): string {
  const plain = word.replace(/^"([^"]*)"$/, '$1').replace(/^([^"=]+=)"([^"]*)"$/, '$1$2');
  if (/["'\\]/.test(plain))
    throw new Unquotable(
      word,
      'an argument of a kernel that GRUB boots',
      'GRUB puts a backslash before each quote and backslash',
    );
  return quoteGrub(plain);
}
