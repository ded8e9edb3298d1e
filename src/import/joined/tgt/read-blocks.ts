import type { Source } from '../../../source/origin.ts';
import type { Piece } from '../reservations/said.ts';

/** A line or block of targets.conf: `key value`, or `<key value>` with what is in it. */
export interface Block {
  readonly key: string;
  /** Without quotes around it. */
  readonly value: Piece;
  readonly blocks: readonly Block[];
  readonly start: number;
  readonly end: number;
}

/** What tgt-admin could not read. */
export interface BlockFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly help: string;
}

interface Open {
  readonly key: string;
  readonly value: Piece;
  readonly blocks: Block[];
  readonly start: number;
  end: number;
}

/**
 * Reads targets.conf as tgt-admin does, by Perl's Config::General: blocks as in Apache's configuration, `key value` or
 * `key = value` in them, comments from any # on, a backslash at the end of a line goes on with the next. Quotes around a value are
 * taken off, as many as there are: BMI wrote two of each.
 */
export function readBlocks({ text }: Source): {
  readonly blocks: readonly Block[];
  readonly faults: readonly BlockFault[];
} {
  const root: Block[] = [];
  const open: Open[] = [];
  const faults: BlockFault[] = [];
  for (const line of linesOf(text)) {
    const { start, end } = line;
    const [, close] = /^<\/([\w-]+)\s*>$/.exec(line.text) ?? [];
    const [, key = '', gap = '', rest = ''] = /^<([\w-]+)(\s*)([^<>]*)>$/.exec(line.text) ?? [];
    if (close !== undefined) {
      const last = open.pop();
      if (last && last.key === close) {
        last.end = end;
        (open.at(-1)?.blocks ?? root).push(last);
        continue;
      }
      faults.push({
        message: `Nothing is open that </${close}> could close${last ? `: the last block is ${last.key}` : ''}.`,
        start,
        end,
        help: 'close each block with its own name, the innermost first',
      });
      return { blocks: root, faults };
    }
    if (key !== '') {
      const value = bare(rest, start + 1 + key.length + gap.length);
      open.push({ key, value, blocks: [], start, end });
      continue;
    }
    const [, name = '', sign = '', value = ''] = /^([^\s=<>]+)(\s*=\s*|\s+|$)(.*)$/.exec(line.text) ?? [];
    if (name === '') {
      faults.push({
        message: 'This line is neither a block nor a key with a value.',
        start,
        end,
        help: 'write <target NAME>, </target>, or a key and its value',
      });
      return { blocks: root, faults };
    }
    (open.at(-1)?.blocks ?? root).push({
      key: name,
      value: bare(value, start + name.length + sign.length),
      blocks: [],
      start,
      end,
    });
  }
  const [unclosed] = open;
  if (unclosed)
    faults.push({
      message: `The block ${unclosed.key} is not closed.`,
      start: unclosed.start,
      end: unclosed.value.end,
      help: `write </${unclosed.key}> behind what is in it`,
    });
  return { blocks: root, faults };
}

/** Lines without comments and the blanks around; those that go on as one, in which places are those of the first. */
function* linesOf(text: string): Iterable<Piece> {
  let open: { pieces: string[]; start: number; end: number } | undefined;
  const whole = ({ pieces, ...at }: NonNullable<typeof open>): Piece => ({
    text: pieces.join(' '),
    ...at,
  });
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const raw = text.slice(start, end);
    const comment = raw.search(/(?<!\\)#/);
    const line = (comment < 0 ? raw : raw.slice(0, comment)).trimEnd();
    const indent = line.length - line.trimStart().length;
    const goesOn = line.endsWith('\\');
    const piece = (goesOn ? line.slice(0, -1) : line).trim();
    open ??= { pieces: [], start: start + indent, end: 0 };
    if (piece !== '') open.pieces.push(piece);
    open.end = start + line.length;
    if (!goesOn) {
      const made = whole(open);
      if (made.text !== '') yield made;
      open = undefined;
    }
    start = end + 1;
  }
  if (!open) return;
  const made = whole(open);
  if (made.text !== '') yield made;
}

function bare(text: string, start: number): Piece {
  const [quotes = ''] = /^["']+/.exec(text) ?? [];
  let end = text.length;
  while (end > quotes.length && /["'\s]/.test(text.charAt(end - 1))) end -= 1;
  const plain = text.slice(quotes.length, end);
  return { text: plain, start: start + quotes.length, end: start + quotes.length + plain.length };
}
