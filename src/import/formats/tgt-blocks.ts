import type { Span } from '../../source/likely.ts';
import type { Source } from '../../source/source.ts';
import { type Fault, linesOf, type Piece } from './file-reader.ts';

/** A line or block of targets.conf: `key value`, or `<key value>` with what is in it. */
export interface Block extends Span {
  readonly key: string;
  /** Without quotes around it. */
  readonly value: Piece;
  readonly blocks: Block[];
}

/**
 * Reads targets.conf as tgt-admin does, by Perl's Config::General: blocks as in Apache's configuration, `key value` or
 * `key = value` in them, comments from any # on, a backslash at the end of a line goes on with the next. Quotes around a value are
 * taken off, as many as there are: BMI wrote two of each. Gives what could be read before the first fault.
 */
export function readBlocks({ text }: Source): {
  readonly blocks: readonly Block[];
  readonly faults: readonly Fault[];
} {
  const blocks: Block[] = [];
  const open: Block[] = [];
  const add = (block: Block) => (open.at(-1)?.blocks ?? blocks).push(block);
  const fault = (message: string, { start, end }: Span, help: string) => ({
    blocks,
    faults: [{ message, start, end, help }],
  });
  for (const line of wholeLinesOf(text)) {
    const { start, end } = line;
    const [, close] = /^<\/([\w-]+)\s*>$/.exec(line.text) ?? [];
    const [, key, gap = '', rest = ''] = /^<([\w-]+)(\s*)([^<>]*)>$/.exec(line.text) ?? [];
    const [, name, sign = '', value = ''] = /^([^\s=<>]+)(\s*=\s*|\s+|$)(.*)$/.exec(line.text) ?? [];
    if (close !== undefined) {
      const last = open.pop();
      if (last?.key !== close)
        return fault(
          `Nothing is open that </${close}> could close${last ? `: the last block is ${last.key}` : ''}.`,
          line,
          'close each block with its own name, the innermost first',
        );
      add({ ...last, end });
    } else if (key !== undefined)
      open.push({ key, value: bare(rest, start + 1 + key.length + gap.length), blocks: [], start, end });
    else if (name !== undefined)
      add({ key: name, value: bare(value, start + name.length + sign.length), blocks: [], start, end });
    else
      return fault(
        'This line is neither a block nor a key with a value.',
        line,
        'write <target NAME>, </target>, or a key and its value',
      );
  }
  const [first] = open;
  if (!first) return { blocks, faults: [] };
  const at = { start: first.start, end: first.value.end };
  return fault(`The block ${first.key} is not closed.`, at, `write </${first.key}> behind what is in it`);
}

/** Lines without comments and the blanks around; those that go on as one, in which places are those of the first. */
function* wholeLinesOf(text: string): Iterable<Piece> {
  let open: Piece | undefined;
  for (const { text: raw, start } of linesOf(text)) {
    const comment = raw.search(/(?<!\\)#/);
    const line = (comment < 0 ? raw : raw.slice(0, comment)).trimEnd();
    const pieces = [open?.text ?? '', line.replace(/\\$/, '').trim()].filter((piece) => piece !== '');
    const from = open?.start ?? start + line.length - line.trimStart().length;
    open = { text: pieces.join(' '), start: from, end: start + line.length };
    if (line.endsWith('\\')) continue;
    if (open.text !== '') yield open;
    open = undefined;
  }
  if (open && open.text !== '') yield open;
}

function bare(text: string, start: number): Piece {
  const [quotes = ''] = /^["']+/.exec(text) ?? [];
  let end = text.length;
  while (end > quotes.length && /["'\s]/.test(text.charAt(end - 1))) end -= 1;
  return { text: text.slice(quotes.length, end), start: start + quotes.length, end: start + end };
}
