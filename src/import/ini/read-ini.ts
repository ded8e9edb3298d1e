import type { Source } from '../../source/origin.ts';
import type { Piece } from '../joined/reservations/said.ts';

/** A key of a section with its value, as ConfigParser gives it: without the blanks around and a comment behind. */
export interface IniEntry {
  readonly section: string;
  /** In lower case. */
  readonly key: Piece;
  readonly value: Piece;
}

/** A line that ConfigParser does not start with. */
export interface IniFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly help: string;
}

/** What a file of the form INI says, and what is wrong with it. */
export interface Ini {
  /** In the order of the file; of a key that is there twice the last one counts. */
  readonly entries: readonly IniEntry[];
  /** The sections, with their heads. */
  readonly sections: readonly Piece[];
  readonly faults: readonly IniFault[];
}

const SECTION = /^\[([^\]]+)\]/;
const OPTION = /^([^:=\s][^:=]*)[:=](.*)$/;

/** `rem` as the first word, which begins with its own letter at the start of the line, makes a comment of it. */
const REMARK = /^rem(?:\s|$)/i;

/** More faults than these say no more of a file. */
const MOST_FAULTS = 20;

/**
 * Reads a file as ConfigParser of Python 2 does: `key = value` or `key: value`; lines that begin with `#`, `;` or the word
 * rem are comments, and so is what follows a `;` behind a blank; a line that begins with a blank goes on with the value
 * before it; keys are compared in lower case, sections as they are. Source: CPython 2.7, Lib/ConfigParser.py (_read).
 */
export function readIni({ text }: Source): Ini {
  const entries: IniEntry[] = [];
  const sections: Piece[] = [];
  const faults: IniFault[] = [];
  let section: string | undefined;
  let open: { section: string; key: Piece; lines: string[]; start: number; end: number } | undefined;
  const close = () => {
    if (!open) return;
    const { section: of, key, lines, start, end } = open;
    const value = lines.join('\n');
    entries.push({ section: of, key, value: { text: value === '""' ? '' : value, start, end } });
    open = undefined;
  };
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).replace(/\r$/, '');
    const from = start;
    start = end + 1;
    if (line.trim() === '' || /^[#;]/.test(line) || REMARK.test(line)) continue;
    const indent = line.length - line.trimStart().length;
    const stop = from + line.trimEnd().length;
    if (indent > 0 && open) {
      open.lines.push(line.trim());
      open.end = stop;
      continue;
    }
    close();
    const [head, name = ''] = SECTION.exec(line) ?? [];
    if (head !== undefined) {
      section = name;
      sections.push({ text: name, start: from, end: from + head.length });
      continue;
    }
    const at = { start: from + indent, end: stop };
    if (section === undefined) {
      faults.push({
        message: 'This line stands before the first section: ConfigParser does not read such a file.',
        ...at,
        help: 'write the head of its section above it, such as [bmi]',
      });
      break;
    }
    const [, key = '', rest = ''] = OPTION.exec(line) ?? [];
    if (key === '') {
      if (faults.length >= MOST_FAULTS) break;
      faults.push({
        message:
          'This line is neither a section, nor a key with a value: ConfigParser does not read such a file.',
        ...at,
        help: 'write it as key = value, without a blank before it, or make it a comment by #',
      });
      continue;
    }
    const comment = rest.search(/\s;/);
    // Only the first semicolon is looked at.
    const isComment = comment >= 0 && rest.indexOf(';') === comment + 1;
    const raw = isComment ? rest.slice(0, comment) : rest;
    const value = raw.trim();
    const valueStart = from + key.length + 1 + (value === '' ? 0 : raw.indexOf(value));
    open = {
      section,
      key: { text: key.trim().toLowerCase(), start: from, end: from + key.trimEnd().length },
      lines: [value],
      start: valueStart,
      end: valueStart + value.length,
    };
  }
  close();
  return { entries, sections, faults };
}

/** More names in one value than these are no value that anybody meant. */
const MOST_NAMES = 100;

/** A longer value is none, either. */
const LONGEST = 4096;

/**
 * Gives a value with what `%(name)s` stands for, and `%` for `%%`; undefined where nothing has the name, where it goes round in
 * a circle, and for any other `%`, which ConfigParser does not take.
 */
export function interpolated(
  value: string,
  valueFor: (key: string) => string | undefined,
): string | undefined {
  let names = 0;
  const put = (text: string): string | undefined => {
    let isWhole = true;
    const made = text.replace(/%(?:(%)|\(([^)]+)\)s|)/g, (_, percent?: string, name?: string) => {
      if (percent) return '%';
      names += 1;
      const other = name === undefined || names > MOST_NAMES ? undefined : valueFor(name.toLowerCase());
      const inner = other === undefined ? undefined : put(other);
      if (inner === undefined) isWhole = false;
      return inner ?? '';
    });
    return isWhole && made.length <= LONGEST ? made : undefined;
  };
  return put(value);
}
