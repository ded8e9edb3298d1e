/** Writes words for a sentence: "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('');
}

/** Writes the names of nodes for a sentence; of many, the first ones: "a, b, c and 7 more". */
export function namesOf(nodes: readonly { readonly name: string | undefined }[]): string {
  const names = nodes.map(({ name }) => String(name));
  return listed(names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names);
}
