import type { Source } from '../../source/origin.ts';
import { Cursor, HclError } from './cursor.ts';
import type { Attribute, HclBody, HclObject, HclString, HclValue } from './value.ts';

/** Says whether a text is the JSON form of HCL: no file of the native syntax begins with a brace. */
export function isHclJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

/**
 * Reads the JSON form of a file of values: one object, whose strings are text alone. Never throws: gives what could be
 * read, and the first fault. Source: RFC 8259; hashicorp/hcl, json/spec.md.
 */
export function readHclJson(source: Source): HclBody {
  const cursor = new Cursor(source);
  const attributes: Attribute[] = [];
  const body: { within?: HclBody['within'] } = {};
  try {
    cursor.skip('\uFEFF');
    skipBlanks(cursor);
    readObject(
      cursor,
      (attribute) => attributes.push(attribute),
      (name, start) => {
        body.within = { name, start };
      },
    );
    delete body.within;
    skipBlanks(cursor);
    if (!cursor.isAtEnd)
      cursor.failStray('Behind the object something else stands.', 'leave one object in the file');
    return { attributes };
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    return { attributes, fault: error.fault, ...body };
  }
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
  if (cursor.next === '[') return cursor.nested(() => readList(cursor));
  if (cursor.next === '{') {
    const items: Attribute[] = [];
    return cursor.nested(() => readObject(cursor, (item) => items.push(item)));
  }
  const number = cursor.take(NUMBER);
  if (number !== undefined) return { type: 'number', value: Number(number), at: cursor.from(start) };
  const word = cursor.take(WORD);
  if (word === 'null') return { type: 'null', at: cursor.from(start) };
  if (word !== undefined) return { type: 'bool', value: word === 'true', at: cursor.from(start) };
  return cursor.failStray(
    'Here a value should stand, and this is none of JSON.',
    'write a string in double quotes, a number, true, false, null, a list in [ ] or an object in { }',
  );
}

function readString(cursor: Cursor): HclString {
  const start = cursor.at;
  const text = cursor.take(STRING);
  if (text === undefined)
    return cursor.fail(
      'A string is not one of JSON: it is not closed on its line, or has a backslash before something that it does not go with.',
      'close it with "; a line break is \\n, a backslash \\\\',
      start,
    );
  const value = JSON.parse(text) as string;
  if (/\p{Cs}/u.test(value))
    cursor.fail(
      'A string holds half of a character, a lone surrogate.',
      'write both halves, or the character itself',
      start,
    );
  return { type: 'string', value, at: cursor.from(start) };
}

function readList(cursor: Cursor): HclValue {
  const start = cursor.at;
  const items: HclValue[] = [];
  readItems(cursor, ']', () => items.push(readValue(cursor)));
  return { type: 'list', items, at: cursor.from(start) };
}

/** `add` takes each entry when it is whole; `begin` is told its name before. */
function readObject(
  cursor: Cursor,
  add: (attribute: Attribute) => void,
  begin: (name: string, start: number) => void = () => {},
): HclObject {
  const start = cursor.at;
  const items: Attribute[] = [];
  readItems(cursor, '}', () => {
    if (cursor.next !== '"')
      cursor.failStray('Here a key should stand, in double quotes.', 'write "key": value');
    const { value: name, at } = readString(cursor);
    begin(name, at.start);
    skipBlanks(cursor);
    if (!cursor.skip(':')) cursor.fail('Behind a key there is no colon.', 'write "key": value');
    skipBlanks(cursor);
    const attribute = { name, at, value: readValue(cursor) };
    items.push(attribute);
    add(attribute);
  });
  return { type: 'object', items, at: cursor.from(start) };
}

/** Reads what stands between brackets, with commas between. */
function readItems(cursor: Cursor, close: ']' | '}', read: () => void): void {
  const start = cursor.at;
  cursor.at += 1;
  skipBlanks(cursor);
  if (cursor.skip(close)) return;
  for (;;) {
    read();
    skipBlanks(cursor);
    if (cursor.skip(close)) return;
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
