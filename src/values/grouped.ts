/** Returns the values of each key, in the order in which the keys first appear. */
export function grouped<K, V>(pairs: Iterable<readonly [K, V]>): Map<K, [V, ...V[]]> {
  return collected(
    pairs,
    ([key]) => key,
    ([, value]) => value,
  );
}

/** Returns the items with each key, in the order in which the keys first appear. */
export function groupedBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, [T, ...T[]]> {
  return collected(items, keyOf, (item) => item);
}

function collected<K, V, T>(items: Iterable<T>, keyOf: (item: T) => K, content: (item: T) => V) {
  const groups = new Map<K, [V, ...V[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(content(item));
    else groups.set(key, [content(item)]);
  }
  return groups;
}

/** Returns the first item with the most frequent key; on a tie, with the key that appears first. */
export function commonest<K, T>(items: Iterable<T>, keyOf: (item: T) => K): T | undefined {
  const groups = [...groupedBy(items, keyOf).values()];
  return groups.sort((a, b) => b.length - a.length)[0]?.[0];
}
