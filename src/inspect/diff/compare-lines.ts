import { diffArrays } from 'diff/lib/diff/array.js';

/** Lines that follow one another, each with its newline: the same in both texts, only before, or only after. */
export interface Run {
  readonly mark: ' ' | '-' | '+';
  readonly lines: readonly string[];
}

/**
 * How many lines may differ before the shortest way from one text to the other is not looked for any more: the time it
 * takes grows with the square. A number, not a clock, so that the same texts give the same on every machine.
 */
const MOST_EDITS = 1000;

/** Gives the way from one text to another, in runs of lines; in a change, what goes stands before what comes. */
export function compareLines(before: string, after: string): Run[] {
  const old = linesOf(before);
  const now = linesOf(after);
  const least = Math.min(old.length, now.length);
  let head = 0;
  while (head < least && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < least - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  return [
    { mark: ' ', lines: old.slice(0, head) },
    ...compareMiddle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    { mark: ' ', lines: old.slice(old.length - tail) },
  ];
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compareMiddle(old: readonly string[], now: readonly string[]): Run[] {
  const shortest = diffArrays([...old], [...now], { maxEditLength: MOST_EDITS });
  if (!shortest) return old.length === now.length ? compareInStep(old, now) : replace(old, now);
  return shortest.map(({ added, removed, value }) => ({
    mark: added ? '+' : removed ? '-' : ' ',
    lines: value,
  }));
}

/** Compares each line with the one at its place: the manifest and the inventory change so, where every node does. */
function compareInStep(old: readonly string[], now: readonly string[]): Run[] {
  const runs: Run[] = [];
  for (let from = 0, to = 0; from < old.length; from = to) {
    const isSame = old[from] === now[from];
    while (to < old.length && (old[to] === now[to]) === isSame) to += 1;
    const lines = old.slice(from, to);
    runs.push(...(isSame ? [{ mark: ' ' as const, lines }] : replace(lines, now.slice(from, to))));
  }
  return runs;
}

function replace(old: readonly string[], now: readonly string[]): Run[] {
  return [
    { mark: '-', lines: old },
    { mark: '+', lines: now },
  ];
}
