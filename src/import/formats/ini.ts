import type { Source } from '../../source/source.ts';
import { type Fault, linesOf, type Piece } from './file-reader.ts';

/** A key of a section with its value, as ConfigParser gives it: without the blanks around and a comment behind. */
export interface IniEntry {
  readonly section: string;
  /** In lower case. */
  readonly key: Piece;
  readonly value: Piece;
}

/** What a file of the form INI says, and what is wrong with it. */
export interface Ini {
  /** In the order of the file; of a key that is there twice the last one counts. */
  readonly entries: readonly IniEntry[];
  /** The sections, with their heads. */
  readonly sections: readonly Piece[];
  /** The lines that ConfigParser does not start with. */
  readonly faults: readonly Fault[];
}

const SECTION = /^\[([^\]]+)\]/;
const OPTION = /^([^:=\s][^:=]*)[:=](.*)$/;

/** `rem` as the first word, which begins with its own letter at the start of the line, makes a comment of it. */
const COMMENT = /^(?:[#;]|\s*$|rem(?:\s|$))/i;

/** More faults than these say no more of a file. */
const MOST_FAULTS = 20;

/**
 * Reads a file as ConfigParser of Python 2 does: `key = value` or `key: value`; lines that begin with `#`, `;` or the word
 * rem are comments, and so is what follows a `;` behind a blank; a line that begins with a blank goes on with the value
 * before it; keys are compared in lower case, sections as they are. Source: CPython 2.7, Lib/ConfigParser.py (_read).
 */
export function readIni({ text }: Source): Ini {
  const entries: { section: string; key: Piece; value: { text: string; start: number; end: number } }[] = [];
  const sections: Piece[] = [];
  const faults: Fault[] = [];
  let section: string | undefined;
  let isOpen = false;
  for (const { text: raw, start } of linesOf(text)) {
    const line = raw.replace(/\r$/, '');
    if (COMMENT.test(line)) continue;
    const indent = line.length - line.trimStart().length;
    const at = { start: start + indent, end: start + line.trimEnd().length };
    const open = isOpen ? entries.at(-1)?.value : undefined;
    if (indent > 0 && open) {
      open.text += `\n${line.trim()}`;
      open.end = at.end;
      continue;
    }
    isOpen = false;
    const [head, name = ''] = SECTION.exec(line) ?? [];
    if (head !== undefined) {
      section = name;
      sections.push({ text: name, start, end: start + head.length });
      continue;
    }
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
    // Only the first semicolon is looked at.
    const semicolon = rest.indexOf(';');
    const said = /\s/.test(rest.charAt(semicolon - 1)) ? rest.slice(0, semicolon) : rest;
    const value = said.trim();
    const from = start + key.length + 1 + (value === '' ? 0 : said.indexOf(value));
    entries.push({
      section,
      key: { text: key.trim().toLowerCase(), start, end: start + key.trimEnd().length },
      value: { text: value, start: from, end: from + value.length },
    });
    isOpen = true;
  }
  for (const { value } of entries) if (value.text === '""') value.text = '';
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
