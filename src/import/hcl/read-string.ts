import type { Cursor } from './cursor.ts';
import type { HclString } from './value.ts';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
const PLAIN = /[^"\\$%\r\n]+/y;
const CODE = /[0-9a-fA-F]{4}/y;
const LONG_CODE = /[0-9a-fA-F]{8}/y;

/**
 * Reads a string in double quotes, at its first one. Throws HclError. Source: "Quoted template" in the specification of
 * HCL's native syntax.
 */
export function readQuoted(cursor: Cursor): HclString {
  const start = cursor.at;
  cursor.at += 1;
  const pieces: string[] = [];
  while (!cursor.skip('"')) pieces.push(cursor.take(PLAIN) ?? readSpecial(cursor, start));
  return { type: 'string', value: pieces.join(''), at: cursor.from(start) };
}

function readSpecial(cursor: Cursor, start: number): string {
  if (cursor.isAtEnd || cursor.next === '\n' || cursor.next === '\r')
    cursor.fail(
      'A string is not closed on its line.',
      'close it with ", write a line break as \\n, or use a heredoc: <<EOF',
      start,
    );
  return cursor.next === '\\' ? readEscape(cursor) : readSign(cursor);
}

function readEscape(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at += 1;
  const letter = cursor.next;
  cursor.at += 1;
  const escaped = ESCAPES[letter];
  if (escaped !== undefined) return escaped;
  const digits = letter === 'u' ? cursor.take(CODE) : letter === 'U' ? cursor.take(LONG_CODE) : undefined;
  const point = digits === undefined ? undefined : Number.parseInt(digits, 16);
  if (point !== undefined && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff))
    return String.fromCodePoint(point);
  return cursor.fail(
    'A backslash stands before something that it does not go with.',
    'write \\\\ for a backslash; there are \\n, \\r, \\t, \\", \\\\, \\uXXXX and \\UXXXXXXXX',
    start,
  );
}

/** A `$` or `%`: `$${` and `%%{` stand for what would open a template. Throws HclError for one. */
function readSign(cursor: Cursor): string {
  const sign = cursor.next;
  if (cursor.skip(`${sign}${sign}{`)) return `${sign}{`;
  if (cursor.sees(`${sign}{`))
    cursor.failExpression(
      `A value is a template, ${sign}{…}: Terraform takes none with variables here, and harvgen works none out.`,
      `write the value out; ${sign}${sign}{ stands for ${sign}{ itself`,
      cursor.at,
      cursor.at + 2,
    );
  cursor.at += 1;
  return sign;
}

const MARKER = /<<-?[\p{ID_Start}_][\p{ID_Continue}-]*[ \t]*\r?\n/uy;
const LINE = /[^\n]*\n?/y;

/**
 * Reads a heredoc, at its `<<`. Of `<<-` the blanks that all of its lines begin with are left out, as HCL does. Throws
 * HclError. Source: "Heredoc template" in the specification of HCL's native syntax; hclsyntax/parser_template.go.
 */
export function readHeredoc(cursor: Cursor): HclString {
  const start = cursor.at;
  const opening = cursor.take(MARKER)?.trim();
  if (opening === undefined)
    return cursor.fail(
      'A heredoc has no word on its first line by which its end is told.',
      'write <<EOF, end the line there, and end the heredoc with a line EOF',
      start,
      start + 2,
    );
  const isFlush = opening.startsWith('<<-');
  const marker = opening.slice(isFlush ? 3 : 2);
  const lines: string[] = [];
  for (;;) {
    const lineStart = cursor.at;
    const line = cursor.take(LINE) ?? '';
    if (line.trim() === marker) {
      // The line end behind the marker ends the attribute.
      cursor.at = lineStart + line.trimEnd().length;
      break;
    }
    if (line === '')
      cursor.fail(
        'A heredoc does not end: no line is the word that it begins with.',
        'end it with that word on a line of its own',
        start,
        start + opening.length,
      );
    lines.push(withoutTemplates(cursor, line, lineStart));
  }
  const value = (isFlush ? flush(lines) : lines).join('');
  return { type: 'string', value, at: cursor.from(start) };
}

function withoutTemplates(cursor: Cursor, line: string, start: number): string {
  return line.replace(/([$%])\1\{|([$%])\{/g, (whole, doubled, sign, offset: number) => {
    if (doubled) return `${doubled}{`;
    return cursor.failExpression(
      `A value is a template, ${whole}…}: Terraform takes none with variables here, and harvgen works none out.`,
      `write the value out; ${sign}${whole} stands for ${whole} itself`,
      start + offset,
      start + offset + 2,
    );
  });
}

/** Lines of blanks alone do not count for how far all are in, and stay as they are. */
function flush(lines: readonly string[]): string[] {
  const widths = lines.flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  const width = Math.min(...widths, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => (line.trim() === '' ? line : line.slice(width)));
}
