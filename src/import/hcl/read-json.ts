import type { Source } from '../../source/source.ts';
import { type Attribute, Cursor, type HclBody, type HclString, type HclValue } from './read-hcl.ts';

/** Whether a text is the JSON form of HCL: no file of the native syntax begins with a brace. */
export function isHclJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

/**
 * Reads the JSON form of a file of values: one object, whose strings are never templates. Never throws: returns the
 * attributes before the first error, and the error. Source: RFC 8259; hashicorp/hcl, json/spec.md.
 */
export function readHclJson(source: Source): HclBody {
  const cursor = new Cursor(source);
  return cursor.read(() => {
    skipBlanks(cursor);
    readItems(cursor, '}', () => {
      const key = readKey(cursor);
      cursor.within = { name: key.name, start: key.at.start };
      cursor.attributes.push({ ...key, value: valueAfterColon(cursor) });
    });
    cursor.within = undefined;
    skipBlanks(cursor);
    if (!cursor.isAtEnd)
      cursor.failStray('The file contains other text after the object.', 'remove all text after the object');
  });
}

const NUMBER = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![\w.])/y;
const WORD = /(true|false|null)(?!\w)/y;
const STRING = /"(?:[^"\\\p{Cc}]|\x7f|[\x80-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;

function skipBlanks(cursor: Cursor): void {
  cursor.take(/[ \t\r\n]*/y);
}

function readValue(cursor: Cursor): HclValue {
  const start = cursor.at;
  if (cursor.next === '"') return readString(cursor);
  if (cursor.next === '[')
    return cursor.nested(() => {
      const items = readItems(cursor, ']', () => readValue(cursor));
      return { type: 'list', items, at: cursor.from(start) };
    });
  if (cursor.next === '{')
    return cursor.nested(() => {
      const items = readItems(cursor, '}', () => ({ ...readKey(cursor), value: valueAfterColon(cursor) }));
      return { type: 'object', items, at: cursor.from(start) };
    });
  const number = cursor.take(NUMBER);
  if (number !== undefined) return { type: 'number', value: Number(number), at: cursor.from(start) };
  const word = cursor.take(WORD);
  if (word === 'null') return { type: 'null', at: cursor.from(start) };
  if (word !== undefined) return { type: 'bool', value: word === 'true', at: cursor.from(start) };
  return cursor.failStray(
    'A value must be here, but this is not a JSON value.',
    'write a string in double quotes, a number, true, false, null, a list in [ ] or an object in { }',
  );
}

function readString(cursor: Cursor): HclString {
  const start = cursor.at;
  const text = cursor.take(STRING);
  if (text === undefined)
    return cursor.fail(
      'A string is not valid JSON: it is not closed on its line, or contains an unknown escape sequence.',
      'close it with "; write a line break as \\n and a backslash as \\\\',
      start,
    );
  const value = JSON.parse(text) as string;
  if (/\p{Cs}/u.test(value))
    cursor.fail(
      'A string contains half of a character, a lone surrogate.',
      'write both halves, or the character itself',
      start,
    );
  return { type: 'string', value, at: cursor.from(start) };
}

function readKey(cursor: Cursor): Pick<Attribute, 'name' | 'at'> {
  if (cursor.next !== '"') cursor.failStray('A key in double quotes must be here.', 'write "key": value');
  const { value, at } = readString(cursor);
  return { name: value, at };
}

function valueAfterColon(cursor: Cursor): HclValue {
  skipBlanks(cursor);
  if (!cursor.skip(':')) cursor.fail('A key has no colon after it.', 'write "key": value');
  skipBlanks(cursor);
  return readValue(cursor);
}

/** Reads a comma-separated list up to its closing bracket. */
function readItems<T>(cursor: Cursor, close: ']' | '}', read: () => T): T[] {
  const start = cursor.at;
  const items: T[] = [];
  cursor.at += 1;
  skipBlanks(cursor);
  if (cursor.skip(close)) return items;
  for (;;) {
    items.push(read());
    skipBlanks(cursor);
    if (cursor.skip(close)) return items;
    if (cursor.isAtEnd)
      cursor.fail('A list or object is not closed.', `close it with ${close}`, start, start + 1);
    if (!cursor.skip(','))
      cursor.failStray(
        'Two entries have no comma between them.',
        `write a comma between them, or close it with ${close}`,
      );
    skipBlanks(cursor);
  }
}
