/** Gives a value as text of a Markdown page, on one line, with nothing in it that Markdown or HTML would act on. */
export function quoteMarkdown(value: unknown): string {
  return String(value)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*[\]<>|&#]/g, (character) => `&#${character.charCodeAt(0)};`);
}
