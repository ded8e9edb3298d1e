/**
 * Takes a text apart as the kernel does its command line: at blanks, but for those within double quotes.
 * Source: Linux, lib/cmdline.c (next_arg).
 */
export function kernelWords(text: string): string[] {
  return text.match(/(?:[^ "]|"[^"]*(?:"|$))+/g) ?? [];
}

/** Says whether a double quote in a text is left open: the kernel would take all that follows for the same argument. */
export function isQuoteOpen(text: string): boolean {
  return text.split('"').length % 2 === 0;
}

/** Says whether an argument sets a parameter, which the kernel takes in double quotes, too: `"ds=nocloud;s=…"`. */
export function setsParameter(word: string, name: string): boolean {
  return word.startsWith(`${name}=`) || word.startsWith(`"${name}=`);
}
