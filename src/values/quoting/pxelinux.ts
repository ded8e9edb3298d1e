import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as a word of PXELINUX' configuration, which knows no quotes: a blank ends the word. Names of files are of up to 127
 * characters. Source: Syslinux, doc/pxelinux.txt and com32/elflink/ldlinux/readconfig.c.
 * Throws Unquotable for what is empty or holds a blank, a control character or what is not ASCII.
 */
export function quotePxelinux(value: unknown): string {
  const text = String(value);
  if (/^[!-~]+$/.test(text) && !text.startsWith('#')) return text;
  throw new Unquotable(text, "PXELINUX' configuration", 'it is no single word');
}
