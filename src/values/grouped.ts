/** Returns the values of each key, in the order in which the keys first appear. */
export function grouped<K, V>(pairs: Iterable<readonly [K, V]>): Map<K, [V, ...V[]]> {
  const groups = new Map<K, [V, ...V[]]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** Returns the items with each key, in the order in which the keys first appear. */
export function groupedBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, [T, ...T[]]> {
  return grouped(Array.from(items, (item) => [keyOf(item), item] as const));
}

/** Returns the first item with the most frequent key; on a tie, with the key that appears first. */
export function commonest<K, T>(items: Iterable<T>, keyOf: (item: T) => K): T | undefined {
  const groups = [...groupedBy(items, keyOf).values()];
  return groups.sort((a, b) => b.length - a.length)[0]?.[0];
}
