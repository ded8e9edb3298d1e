import { isUtf8 } from 'node:buffer';
import type { File } from '../../tree/tree.ts';
import { compareLines } from './compare-lines.ts';
import type { FileChange } from './file-changes.ts';
import { formatHunks } from './hunks.ts';
import { quotePath } from './quote-path.ts';

/** Git's names of no content and of no file: without them patch does not believe that an empty file is to go. */
const EMPTY_GOES = 'index e69de29..0000000\n';

/**
 * Renders the change of a file as a unified diff that `git apply` and `patch -p1` take, modes included. `folder` is
 * where the tree lies, with forward slashes, relative to where the diff is to be applied. Of a file that is no text it
 * says no more than that it changes, which no program can apply.
 */
export function fileDiff({ path, before, after }: FileChange, folder: string): string {
  const whole = folder === '' ? path : `${folder}/${path}`;
  const old = quotePath(`a/${whole}`);
  const now = quotePath(`b/${whole}`);
  const from = before ? old : '/dev/null';
  const to = after ? now : '/dev/null';
  return `diff --git ${old} ${now}\n${modes(before, after)}${body(before, after, from, to)}`;
}

/** Whether the content of a file is text, and can be compared line by line. */
export function isText({ content }: File): boolean {
  if (typeof content === 'string') return !content.includes('\0');
  return isUtf8(content) && !content.includes(0);
}

function modes(before: File | undefined, after: File | undefined): string {
  if (!before) return `new file mode ${mode(after)}\n`;
  if (!after) return `deleted file mode ${mode(before)}\n${before.content.length === 0 ? EMPTY_GOES : ''}`;
  return mode(before) === mode(after) ? '' : `old mode ${mode(before)}\nnew mode ${mode(after)}\n`;
}

function mode(file: File | undefined): string {
  return file?.executable ? '100755' : '100644';
}

function body(before: File | undefined, after: File | undefined, from: string, to: string): string {
  if ([before, after].every((file) => !file || isText(file))) {
    const hunks = formatHunks(compareLines(textOf(before), textOf(after)));
    return hunks && `--- ${from}\n+++ ${to}\n${hunks}`;
  }
  const isSame = before && after && Buffer.from(before.content).equals(Buffer.from(after.content));
  return isSame ? '' : `Binary files ${from} and ${to} differ\n`;
}

/** Unlike its namesake of the tree, keeps the byte order mark of bytes. */
function textOf(file: File | undefined): string {
  const content = file?.content ?? '';
  return typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
}
