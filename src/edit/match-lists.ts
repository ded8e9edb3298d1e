/** How the entries of a new list are found in an old one. */
export interface Matches {
  /** For each new entry, the index of the old one that it is; undefined for one that is new. */
  readonly matches: readonly (number | undefined)[];
  /** The old ones that can stay where they are: as many as are in the same order in both lists. */
  readonly stay: ReadonlySet<number>;
}

/** Finds equal entries of two lists, each at most once. The order of the keys of maps does not count. */
export function matchLists(old: readonly unknown[], wanted: readonly unknown[]): Matches {
  const indices = new Map<string, number[]>();
  for (const [index, value] of [...old.entries()].reverse()) {
    const key = keyOf(value);
    const others = indices.get(key);
    if (others) others.push(index);
    else indices.set(key, [index]);
  }
  const matches = wanted.map((value) => indices.get(keyOf(value))?.pop());
  return { matches, stay: new Set(longestRise(matches.filter((index) => index !== undefined))) };
}

/** Gives the longest part of a series of different numbers that rises. */
function longestRise(series: readonly number[]): number[] {
  /** The series' positions of the least numbers that a rise of each length can end with. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [position, number] of series.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((series[ends[middle] as number] as number) < number) low = middle + 1;
      else high = middle;
    }
    before[position] = ends[low - 1];
    ends[low] = position;
  }
  const rise: number[] = [];
  for (let at = ends.at(-1); at !== undefined; at = before[at]) rise.push(series[at] as number);
  return rise.reverse();
}

function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
