import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diffArrays } from 'diff/lib/diff/array.js';
import type { Difference } from '../../tree/compare.ts';
import { MANIFEST } from '../../tree/manifest.ts';
import { OutputError } from '../../tree/output-folder.ts';
import type { File, Tree } from '../../tree/tree.ts';

/** A file that changes: a new file has no `before`, a removed file no `after`. */
export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly before?: File;
  readonly after?: File;
  readonly by?: Cause;
}

/** The cause of a change: another version of harvgen, the inventory, or both. */
export type Cause = 'harvgen' | 'inventory' | 'both';

/** Returns the files in a directory that a build would keep, overwrite or remove, from the result of `compareTree`. Throws OutputError. */
export function filesBefore(
  folder: string,
  tree: Tree,
  { changed, removed, unchanged }: Pick<Difference, 'changed' | 'removed' | 'unchanged'>,
): Tree {
  return new Map([
    ...unchanged.map((path) => [path, tree.get(path) as File] as const),
    ...[...changed, ...removed].map((path) => [path, readFile(join(folder, path))] as const),
  ]);
}

function readFile(path: string): File {
  try {
    const { mode } = statSync(path);
    return {
      content: readFileSync(path),
      executable: Boolean(mode & 0o100),
      confidential: (mode & 0o007) === 0,
    };
  } catch (error) {
    throw new OutputError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Returns the files that differ between two trees, the manifest last. `others` differ in secrets, which are not compared. */
export function fileChanges(before: Tree, after: Tree, others?: ReadonlySet<string>): FileChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(
    (a, b) => Number(a === MANIFEST) - Number(b === MANIFEST) || (a < b ? -1 : 1),
  );
  return paths.flatMap((path): FileChange[] => {
    const [old, now] = [before.get(path), after.get(path)];
    if (!old) return now ? [{ path, change: 'added', after: now }] : [];
    if (!now) return [{ path, change: 'removed', before: old }];
    const isOther =
      others?.has(path) || Boolean(old.executable) !== Boolean(now.executable) || !hasSameContent(old, now);
    return isOther ? [{ path, change: 'changed', before: old, after: now }] : [];
  });
}

function hasSameContent(a: File, b: File): boolean {
  return a.content === b.content || Buffer.from(a.content).equals(Buffer.from(b.content));
}

/**
 * Renders the change of a file as a unified diff for `git apply` and `patch -p1`, including modes. For binary files it only
 * reports the change. `folder` is the path of the tree from the directory where the diff is applied, with forward slashes.
 */
export function fileDiff({ path, before, after }: FileChange, folder: string): string {
  const [old, now] = ['a', 'b'].map((side) => quotePath([side, folder, path].filter(Boolean).join('/')));
  const [from, to] = [before ? old : '/dev/null', after ? now : '/dev/null'];
  const [wasMode, mode] = [before, after].map((file) => (file?.executable ? '100755' : '100644'));
  // Git's object names for no content and no file: without them, patch does not remove an empty file.
  const empty = before?.content.length === 0 ? 'index e69de29..0000000\n' : '';
  const modes = !before
    ? `new file mode ${mode}\n`
    : !after
      ? `deleted file mode ${wasMode}\n${empty}`
      : wasMode === mode
        ? ''
        : `old mode ${wasMode}\nnew mode ${mode}\n`;
  const header = `diff --git ${old} ${now}\n${modes}`;
  if ([before, after].every((file) => !file || isText(file))) {
    // Unlike `textOf`, keeps a byte order mark.
    const [oldText = '', text = ''] = [before, after].map((file) =>
      Buffer.from(file?.content ?? '').toString(),
    );
    const hunks = formatHunks(compareLines(oldText, text));
    return header + (hunks && `--- ${from}\n+++ ${to}\n${hunks}`);
  }
  const isSame = before && after && hasSameContent(before, after);
  return header + (isSame ? '' : `Binary files ${from} and ${to} differ\n`);
}

/** Whether the content of a file is text, which can be compared line by line. */
export function isText({ content }: File): boolean {
  if (typeof content === 'string') return !content.includes('\0');
  return isUtf8(content) && !content.includes(0);
}

/** Consecutive lines, each with its newline: in both texts, only in the old one, or only in the new one. */
export interface Run {
  readonly mark: ' ' | '-' | '+';
  readonly lines: readonly string[];
}

/** Returns the changes from one text to another as runs of lines; removed lines precede added lines. */
export function compareLines(before: string, after: string): Run[] {
  const [old, now] = [linesOf(before), linesOf(after)];
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

function compareMiddle(old: string[], now: string[]): Run[] {
  // The time grows with the square of the edits. A time limit would make the result differ by machine.
  const shortest = diffArrays(old, now, { maxEditLength: 1000 });
  if (shortest)
    return shortest.map(({ added, removed, value }) => ({
      mark: added ? '+' : removed ? '-' : ' ',
      lines: value,
    }));
  if (old.length !== now.length) return replace(old, now);
  // By position: the manifest and the inventory change like this if every node changes.
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

/** Renders changes as the hunks of a unified diff; empty without changes. */
export function formatHunks(runs: readonly Run[]): string {
  const lines = runs.flatMap((run) => run.lines.map((line) => run.mark + line));
  const ranges: { readonly from: number; to: number }[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.startsWith(' ')) continue;
    const [from, to] = [Math.max(index - 3, 0), index + 4];
    const last = ranges.at(-1);
    if (last && from <= last.to) last.to = to;
    else ranges.push({ from, to });
  }
  let [old, now, at] = [0, 0, 0];
  return ranges
    .map(({ from, to }) => {
      const shown = lines.slice(from, to);
      const [cut, added] = ['+', '-'].map((other) => shown.filter((line) => !line.startsWith(other)).length);
      const skipped = from - at;
      const header = `@@ -${range(old + skipped, cut)} +${range(now + skipped, added)} @@\n`;
      old += skipped + (cut ?? 0);
      now += skipped + (added ?? 0);
      at = from + shown.length;
      const text = shown.map((line) =>
        line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`,
      );
      return header + text.join('');
    })
    .join('');
}

/** Lines are counted from 1; an empty range has the number of the line before it. */
function range(start: number, count = 0): string {
  return `${count === 0 ? start : start + 1},${count}`;
}

const SHORT: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\r': 'r', '"': '"', '\\': '\\' };

/** Quotes a path for the headers of a diff as a C string, also one with a space, where patch would end the name. */
export function quotePath(path: string): string {
  if (/^[!#-[\]-~]+$/.test(path)) return path;
  const quoted = Array.from(Buffer.from(path), (byte) => {
    const character = String.fromCharCode(byte);
    if (SHORT[character]) return `\\${SHORT[character]}`;
    return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${quoted.join('')}"`;
}
