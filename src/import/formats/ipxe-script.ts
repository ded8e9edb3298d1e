import type { Span } from '../../source/likely.ts';
import type { Source } from '../../source/source.ts';
import { linesOf, type Piece, piecesOf } from './file-reader.ts';

/** A command of a script, with its arguments; it ends with its last word. Words are as they are written. */
export interface Command extends Span {
  readonly words: readonly Piece[];
}

/**
 * Reads the commands of a script, in their order: words are what stands between blanks; `||`, `&&` and `;` part commands as
 * words of their own, a word that begins with # begins a comment, a backslash at the end of a line goes on with the next, and
 * what begins with a colon is a label. Source: iPXE, src/image/script.c (process_script), src/core/exec.c (system).
 */
export function readScript({ text }: Source): Command[] {
  const commands: Command[] = [];
  for (const words of wordsOfLines(text)) {
    const rest = words[0]?.text.startsWith(':') ? words.slice(1) : words;
    const comment = rest.findIndex((word) => word.text.startsWith('#'));
    let command: Piece[] = [];
    for (const word of [...rest.slice(0, comment < 0 ? undefined : comment), undefined]) {
      if (word && !['||', '&&', ';'].includes(word.text)) {
        command.push(word);
        continue;
      }
      const [first] = command;
      if (first) commands.push({ words: command, start: first.start, end: command.at(-1)?.end ?? first.end });
      command = [];
    }
  }
  return commands;
}

/** The words of each line, in which a word may be parted by the end of a line. */
function* wordsOfLines(text: string): Iterable<Piece[]> {
  let words: Piece[] = [];
  let open: Piece | undefined;
  const close = () => {
    if (open) words.push(open);
    open = undefined;
  };
  for (const line of linesOf(text)) {
    const raw = line.text.replace(/\r$/, '');
    const goesOn = raw.endsWith('\\');
    for (const piece of piecesOf(goesOn ? raw.slice(0, -1) : raw, line.start, /\s+|\S+/g))
      if (piece.text.trim() === '') close();
      else open = { ...piece, text: (open?.text ?? '') + piece.text, start: open?.start ?? piece.start };
    if (goesOn) continue;
    close();
    yield words;
    words = [];
  }
  close();
  yield words;
}

const MOST_ROUNDS = 8;
const LONGEST = 4096;

/** What a script sets, and what it takes in by `${name}`. Source: iPXE, src/core/settings.c. */
export class Settings {
  readonly #values = new Map<string, string>();

  /** Takes a value, of a setting with or without its type behind a colon. */
  set(name: string, value: string): void {
    this.#values.set(bare(name), value);
  }

  /** Gives a text with what the script has set in it; what only the machine knows stays as it is. */
  expand(text: string): string {
    let made = text;
    // Innermost first, as iPXE does; what grows beyond any use is left.
    for (let round = 0; round < MOST_ROUNDS && made.length < LONGEST; round += 1) {
      let grown = made.length;
      const next = made.replace(/\$\{([^${}]+)\}/g, (whole, name: string) => {
        const value = this.#values.get(bare(name)) ?? whole;
        grown += value.length;
        return grown < LONGEST ? value : whole;
      });
      if (next === made) break;
      made = next;
    }
    return made;
  }
}

/** The name of a setting without its type, and without the NIC that it is of. */
export function bare(name: string): string {
  return name
    .replace(/:\w+$/, '')
    .replace(/^net[\dX]+[./]/i, '')
    .toLowerCase();
}

/** What a URI of iSCSI names. */
export interface SanPath {
  readonly server: string;
  /** Undefined for 3260, where the URI does not say it. */
  readonly port: number | undefined;
  readonly lun: number;
  readonly target: string;
}

/**
 * Reads `iscsi:<server>:<protocol>:<port>:<LUN>:<target>`: what is left empty is TCP, 3260 and 0; a LUN is hexadecimal, in up
 * to four pieces of which a disk of a usual target has the first alone. Gives undefined for what is none.
 * Source: iPXE, src/net/tcp/iscsi.c (iscsi_parse_root_path), src/drivers/block/scsi.c (scsi_parse_lun).
 */
export function readSanPath(uri: string): SanPath | undefined {
  const [, server = '', port = '', lun = '', target] =
    /^iscsi:(?:\/\/)?(\[[^\]]*\]|[^:[\]]*):[^:]*:(\d{0,5}):([0-9a-f]{0,4})(?:-0{0,4}){0,3}:(.+)$/i.exec(
      uri,
    ) ?? [];
  if (server === '' || target === undefined) return undefined;
  return {
    server,
    port: Number(port) === 0 ? undefined : Number(port),
    lun: lun === '' ? 0 : Number.parseInt(lun, 16),
    target,
  };
}
