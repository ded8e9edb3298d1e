import type { Run } from './compare-lines.ts';

/** How many lines that stay are shown around those that change. */
const CONTEXT = 3;

/** What a hunk is made of: the lines as they are shown, and where they begin in both texts, counted from 0. */
interface Hunk {
  readonly old: { readonly start: number; count: number };
  readonly now: { readonly start: number; count: number };
  readonly lines: string[];
}

/** Renders what changes as the hunks of a unified diff; empty where nothing does. */
export function formatHunks(runs: readonly Run[]): string {
  const hunks: Hunk[] = [];
  let old = 0;
  let now = 0;
  /** Lines that stay, since the last that did not. */
  let kept: string[] = [];
  for (const { mark, lines } of runs) {
    if (lines.length === 0) continue;
    if (mark === ' ') {
      for (const line of lines) kept.push(line);
      old += lines.length;
      now += lines.length;
      continue;
    }
    const last = hunks.at(-1);
    if (last && kept.length <= 2 * CONTEXT) add(last, ' ', kept);
    else {
      if (last) add(last, ' ', kept.slice(0, CONTEXT));
      const lead = kept.slice(-CONTEXT);
      const next: Hunk = {
        old: { start: old - lead.length, count: 0 },
        now: { start: now - lead.length, count: 0 },
        lines: [],
      };
      add(next, ' ', lead);
      hunks.push(next);
    }
    kept = [];
    add(hunks.at(-1) as Hunk, mark, lines);
    if (mark === '-') old += lines.length;
    else now += lines.length;
  }
  const last = hunks.at(-1);
  if (last) add(last, ' ', kept.slice(0, CONTEXT));
  return hunks.map(formatHunk).join('');
}

function add(hunk: Hunk, mark: Run['mark'], lines: readonly string[]): void {
  for (const line of lines) hunk.lines.push(mark + line);
  if (mark !== '+') hunk.old.count += lines.length;
  if (mark !== '-') hunk.now.count += lines.length;
}

function formatHunk({ old, now, lines }: Hunk): string {
  const text = lines.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`));
  return `@@ -${range(old)} +${range(now)} @@\n${text.join('')}`;
}

/** Lines are counted from 1; a range without any names the line before it. */
function range({ start, count }: Hunk['old']): string {
  return `${count === 0 ? start : start + 1},${count}`;
}
