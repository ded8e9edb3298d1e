/** Says whether no text is there twice: quicker than to find out which one is, and whose. */
export function areDistinct(texts: Iterable<string>): boolean {
  const seen = new Set<string>();
  let count = 0;
  for (const text of texts) {
    seen.add(text);
    count += 1;
    if (seen.size < count) return false;
  }
  return true;
}
