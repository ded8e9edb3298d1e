/**
 * Returns the allowed word that a misspelled one most probably means, or undefined. Ignores case, hyphens and underscores:
 * `dnsNameservers` equals `dns_nameservers`. `tolerance` is the maximum number of edits per letter.
 */
export function nearest(word: string, allowed: readonly string[], tolerance = 0.4): string | undefined {
  const plain = normalize(word);
  let best: string | undefined;
  let least = Math.floor(plain.length * tolerance) + 1;
  for (const candidate of allowed) {
    const distance = editDistance(plain, normalize(candidate), least);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/**
 * Whether a misspelled word can only mean one allowed word: few letters differ, no digit does, and every other word differs in
 * more letters.
 */
export function isTypoOf(word: string, meant: string, allowed: readonly string[]): boolean {
  const plain = normalize(word);
  const distance = (other: string) => editDistance(plain, normalize(other), plain.length);
  const least = distance(meant);
  const digits = (text: string) => text.replace(/\D/g, '');
  return (
    least <= Math.max(1, plain.length / 4) &&
    plain.length > 2 &&
    digits(word) === digits(meant) &&
    allowed.every((other) => other === meant || distance(other) > least)
  );
}

function normalize(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

/** Returns the number of edits (insert, delete, replace, swap neighbors) from one word to another, at most `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] ?? 0, limit);
}

/** Returns a path without doubled slashes, `/.` and a trailing slash, so that equal paths compare equal. */
export function plainPath(path: string): string {
  if (!/\/(\.?\/|\.?$)/.test(path)) return path;
  return path
    .replace(/\/+/g, '/')
    .replace(/(\/\.)+(?=\/|$)/g, '')
    .replace(/\/$/, '');
}

/**
 * Splits a text like the kernel splits its command line: at blanks, except within double quotes.
 * Source: Linux, lib/cmdline.c (next_arg).
 */
export function kernelWords(text: string): string[] {
  return text.match(/(?:[^ "]|"[^"]*(?:"|$))+/g) ?? [];
}

/** Whether a double quote in a text is unclosed: the kernel would read the rest as part of the same argument. */
export function isQuoteOpen(text: string): boolean {
  return text.split('"').length % 2 === 0;
}

/** Whether an argument sets a parameter. The kernel also accepts it in double quotes: `"ds=nocloud;s=…"`. */
export function setsParameter(word: string, name: string): boolean {
  return word.startsWith(`${name}=`) || word.startsWith(`"${name}=`);
}

/**
 * Whether a kernel argument has a value with an `s3://` URL: the value itself, after a name such as `live:`, or an item of a list.
 * A word without a value, a scheme that ends in s3, and the path or query of another URL contain none.
 */
export function hasS3Url(word: string): boolean {
  return /^[^=]*=(?:.*[\s"',;|])?(?:[\w.-]*[:=])*s3:\/\//is.test(word);
}

/** Escapes characters that would control a terminal, be invisible in a line, or reverse its direction. */
export function escapeControlChars(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeOf);
}

/** Escapes the same characters in a text of several lines, except tabs and line ends. */
export function escapeLines(text: string): string {
  return text.replace(/(?!\t|\r?\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeOf);
}

/** Returns a key for a message. A blank at its edge would be invisible there. */
export function shownKey(key: string): string {
  const edge = /^\s/.test(key) ? 'begins' : /\s$/.test(key) ? 'ends' : undefined;
  return edge ? `\`${escapeControlChars(key)}\`, which ${edge} with a blank` : key;
}

function escapeOf(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** A character that controls a terminal or reverses the direction of a line, apart from tabs and line ends. */
const CONTROL = /(?!\t|\r?\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u;

/** Returns the first character of a text that controls a terminal or reverses a line, as an escape, or undefined. */
export function controlIn(text: string): string | undefined {
  const [found] = CONTROL.exec(text) ?? [];
  return found && escapeControlChars(found);
}

/** Returns a value as a JSON document in which no character controls the terminal that shows it. */
export function printedJson(value: unknown): string {
  // JSON leaves these characters unchanged.
  const text = JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, (characters) =>
    characters.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  return `${text}\n`;
}
