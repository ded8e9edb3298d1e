import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import type { Piece } from '../reservations/said.ts';

/** A line of one of dnsmasq's files that says something. */
export interface Line {
  /** What stands before its `=`: of a configuration alone. */
  readonly keyword?: Piece | undefined;
  /** What is separated by commas behind it, without blanks around and quotes. */
  readonly fields: readonly Piece[];
  readonly start: number;
  readonly end: number;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', b: '\b', r: '\r', e: '\x1b' };

/**
 * Reads the lines of one of dnsmasq's files: a comment begins with # behind a blank or at the start of a line; what stands
 * in double quotes is taken as it is, commas too. Reports lines whose quotes have no end, and leaves them out.
 * Source: dnsmasq, src/option.c, read_file.
 */
export function readLines(source: Source, report: Report, hasKeywords: boolean): Line[] {
  const { text } = source;
  const lines: Line[] = [];
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = readLine(source, start, end, hasKeywords, report);
    if (line) lines.push(line);
    start = end + 1;
  }
  return lines;
}

/** A field that is being read. */
interface Open {
  text: string;
  start: number;
  end: number;
}

function readLine(
  source: Source,
  from: number,
  to: number,
  hasKeywords: boolean,
  report: Report,
): Line | undefined {
  const { text } = source;
  const fields: Open[] = [];
  let keyword: Piece | undefined;
  let open: Open = { text: '', start: -1, end: -1 };
  const add = (letter: string, at: number, next = at + 1) => {
    if (open.start < 0) open.start = at;
    open.text += letter;
    if (letter.trim() !== '' || next > at + 1) open.end = next;
  };
  let isBehindBlank = true;
  for (let at = from; at < to; at += 1) {
    const letter = text[at] as string;
    if (letter === '"') {
      const close = endOfQuoted(text, at, to);
      if (close === undefined) {
        report.error({
          code: 'import-syntax',
          message: 'This quote has no end on its line: dnsmasq does not start with such a file.',
          at: { source, start: at, end: at + 1 },
          help: 'close it',
        });
        return undefined;
      }
      add(unescaped(text.slice(at + 1, close)), at, close + 1);
      at = close;
      isBehindBlank = false;
    } else if (letter === '#' && isBehindBlank) break;
    else if (/\s/.test(letter)) {
      isBehindBlank = true;
      if (open.start >= 0) open.text += ' ';
    } else {
      isBehindBlank = false;
      if (letter === '=' && hasKeywords && !keyword) {
        keyword = trimmed(open);
        open = { text: '', start: -1, end: -1 };
      } else if (letter === ',') {
        fields.push(open.start < 0 ? { text: '', start: at, end: at } : open);
        open = { text: '', start: -1, end: -1 };
      } else add(letter, at);
    }
  }
  if (open.start >= 0) fields.push(open);
  const first = keyword ?? fields[0];
  if (!first) return undefined;
  const all = fields.map(trimmed);
  const end = Math.max(first.end, all.at(-1)?.end ?? 0);
  if (hasKeywords && !keyword) return { keyword: trimmed(first), fields: [], start: first.start, end };
  return { keyword, fields: all, start: first.start, end };
}

function trimmed({ text, start, end }: Piece): Piece {
  return { text: text.trim(), start: Math.max(start, 0), end: Math.max(end, 0) };
}

function endOfQuoted(text: string, start: number, to: number): number | undefined {
  for (let at = start + 1; at < to; at += 1) {
    if (text[at] === '\\' && /["tnebr\\]/.test(text[at + 1] ?? '')) at += 1;
    else if (text[at] === '"') return at;
  }
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(["tnebr\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}
