import type { Source } from '../../../source/origin.ts';

/** A word of a script, as it is written. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A command of a script, with its arguments. */
export interface Command {
  readonly words: readonly Word[];
  /** Where it stands, to the end of its last word. */
  readonly start: number;
  readonly end: number;
}

const BETWEEN: ReadonlySet<string> = new Set(['||', '&&', ';']);

/**
 * Reads the commands of a script, in their order: words are what stands between blanks; `||`, `&&` and `;` part commands as
 * words of their own, a word that begins with # begins a comment, a backslash at the end of a line goes on with the next, and
 * what begins with a colon is a label. Source: iPXE, src/image/script.c (process_script), src/core/exec.c (system).
 */
export function readScript({ text }: Source): Command[] {
  const commands: Command[] = [];
  for (const words of linesOf(text)) {
    const [label] = words;
    const rest = label?.text.startsWith(':') ? words.slice(1) : words;
    let command: Word[] = [];
    const close = () => {
      const [first] = command;
      const last = command.at(-1);
      if (first && last) commands.push({ words: command, start: first.start, end: last.end });
      command = [];
    };
    for (const word of rest) {
      if (word.text.startsWith('#')) break;
      if (BETWEEN.has(word.text)) close();
      else command.push(word);
    }
    close();
  }
  return commands;
}

/** The words of each line, in which a word may be parted by the end of a line. */
function* linesOf(text: string): Iterable<Word[]> {
  let line: Word[] = [];
  let open: { text: string; start: number; end: number } | undefined;
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const raw = text.slice(start, end).replace(/\r$/, '');
    const goesOn = raw.endsWith('\\');
    const shown = goesOn ? raw.slice(0, -1) : raw;
    for (const { 0: piece, index } of shown.matchAll(/\s+|\S+/g)) {
      if (piece.trim() === '') {
        if (open) line.push(open);
        open = undefined;
      } else {
        const at = start + index;
        open = { text: (open?.text ?? '') + piece, start: open?.start ?? at, end: at + piece.length };
      }
    }
    if (!goesOn) {
      if (open) line.push(open);
      open = undefined;
      if (line.length > 0) yield line;
      line = [];
    }
    start = end + 1;
  }
  if (open) line.push(open);
  if (line.length > 0) yield line;
}
