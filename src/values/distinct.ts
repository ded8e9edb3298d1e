/** Says whether no text is there twice: quicker than to find out which one is, and whose. */
export function areDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}
