/** A text without what jinja fills in, of the same length, and how that comes back. */
export interface WithoutJinja {
  readonly text: string;
  /** Gives any piece of the text as it was. */
  restore(piece: string): string;
}

/** Characters that no text of anybody has, one for each expression: as many as Unicode leaves for private use. */
const FIRST = 0xe000;
const LAST = 0xf8ff;
const HIDDEN = /([\ue000-\uf8ff])\1*/g;

/**
 * Gives a text with a word in place of each expression of jinja: `{{ v1.region }}` without quotes would be a map in a map.
 * One that has too many, or such characters itself, stays as it is.
 */
export function hideJinja(text: string): WithoutJinja {
  const found = text.match(/\{\{[^\n]*?\}\}/g) ?? [];
  if (found.length > LAST - FIRST || /[\ue000-\uf8ff]/.test(text)) return { text, restore: (piece) => piece };
  let number = 0;
  return {
    text: text.replace(/\{\{[^\n]*?\}\}/g, (expression) =>
      String.fromCharCode(FIRST + number++).repeat(expression.length),
    ),
    restore: (piece) => piece.replace(HIDDEN, (_, one: string) => found[one.charCodeAt(0) - FIRST] ?? ''),
  };
}
