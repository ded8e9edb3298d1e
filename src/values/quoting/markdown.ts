/** What Markdown takes as it is, on one line. */
const PLAIN = /^[A-Za-z0-9.,:/@+=%-]*$/;

/** Gives a value as text of a Markdown page, on one line, with nothing in it that Markdown or HTML would act on. */
export function quoteMarkdown(value: unknown): string {
  const text = String(value);
  if (PLAIN.test(text)) return text;
  return text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '\ufffd')
    .replace(
      /[\\`*~[\]<>|&#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g,
      (character) => `&#${character.charCodeAt(0)};`,
    );
}
