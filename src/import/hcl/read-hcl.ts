import type { Source } from '../../source/origin.ts';
import { Cursor, HclError } from './cursor.ts';
import { readHeredoc, readQuoted } from './read-string.ts';
import type { Attribute, HclBody, HclObject, HclValue } from './value.ts';

/**
 * Reads the part of HCL's native syntax that files of values are made of: `name = value`, where a value is written out.
 * No library of Node.js that is small and looked after reads HCL. Never throws: gives what could be read, and the first
 * fault. Source: hashicorp/hcl, hclsyntax/spec.md.
 */
export function readHcl(source: Source): HclBody {
  const cursor = new Cursor(source);
  const attributes: Attribute[] = [];
  let within: HclBody['within'];
  try {
    // Editors on Windows put a byte order mark there.
    cursor.skip('\uFEFF');
    for (skipBlanks(cursor, 'lines'); !cursor.isAtEnd; skipBlanks(cursor, 'lines')) {
      const start = cursor.at;
      const name = readName(cursor);
      within = { name, start };
      const at = cursor.from(start);
      skipBlanks(cursor);
      expectAssignment(cursor, name, start);
      attributes.push({ name, at, value: readValue(cursor) });
      expectEndOfLine(cursor);
      within = undefined;
    }
    return { attributes };
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    return { attributes, fault: error.fault, ...(within ? { within } : {}) };
  }
}

const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const OPERATOR = /[-+*/%?.[(<>=!&|]/;
const BLANKS = /[ \t]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\r(?=\n)/y;

/** Goes over blanks and comments; over line ends, too, where they mean nothing. */
function skipBlanks(cursor: Cursor, over?: 'lines'): void {
  for (;;) {
    if (over && cursor.skip('\n')) continue;
    if (cursor.sees('/*') && !cursor.source.text.includes('*/', cursor.at + 2))
      cursor.fail('A comment does not end.', 'end it with */', cursor.at, cursor.at + 2);
    if (cursor.take(BLANKS) === undefined) return;
  }
}

function readName(cursor: Cursor): string {
  const name = cursor.take(NAME);
  if (name !== undefined) return name;
  return cursor.failStray(
    'Here a variable should begin, as `name = value`, and this is no name.',
    'a name is letters, digits, _ and -, without quotes; put a comment behind #',
  );
}

function expectAssignment(cursor: Cursor, name: string, start: number): void {
  if (!cursor.sees('==') && cursor.skip('=')) {
    skipBlanks(cursor);
    return;
  }
  const isBlock = cursor.next === '{' || cursor.next === '"';
  // The name is not said: where a slip has taken what stood before it, it is a piece of a value, maybe of a secret.
  cursor.fail(
    isBlock
      ? 'This begins a block, and a tfvars file has variables alone: this may be another file of the project.'
      : 'Behind this name there is no =.',
    isBlock ? 'give the terraform.tfvars, not a .tf file' : 'write name = value',
    start,
    start + name.length,
  );
}

function expectEndOfLine(cursor: Cursor): void {
  skipBlanks(cursor);
  if (cursor.isAtEnd || cursor.next === '\n') return;
  if (OPERATOR.test(cursor.next)) failOperator(cursor);
  cursor.failStray(
    'Behind the value something else stands on its line.',
    'put each variable on a line of its own, without a comma',
  );
}

function failOperator(cursor: Cursor): never {
  return cursor.failExpression(
    'A value is to be worked out, and harvgen works none out.',
    'write the value that it comes to',
    cursor.at,
    cursor.at + 1,
  );
}

function readValue(cursor: Cursor): HclValue {
  const start = cursor.at;
  if (cursor.next === '"') return readQuoted(cursor);
  if (cursor.sees('<<')) return readHeredoc(cursor);
  if (cursor.next === '[') return cursor.nested(() => readList(cursor));
  if (cursor.next === '{') return cursor.nested(() => readObject(cursor));
  const number = cursor.take(NUMBER);
  if (number !== undefined) return { type: 'number', value: Number(number), at: cursor.from(start) };
  const word = cursor.take(NAME);
  if (word !== undefined) return ofWord(cursor, word, start);
  if (/[-(!]/.test(cursor.next)) failOperator(cursor);
  return cursor.fail(
    'Here a value should stand, and there is none.',
    'write a string in double quotes, a number, true, false, null, a list in [ ] or a map in { }',
    start,
  );
}

function ofWord(cursor: Cursor, word: string, start: number): HclValue {
  const at = cursor.from(start);
  if (word === 'true' || word === 'false') return { type: 'bool', value: word === 'true', at };
  if (word === 'null') return { type: 'null', at };
  return cursor.failExpression(
    'A value is a name, a reference or a function: Terraform takes none here.',
    'write the value out; text stands in double quotes',
    start,
    at.end,
  );
}

function readList(cursor: Cursor): HclValue {
  const start = cursor.at;
  cursor.at += 1;
  const items: HclValue[] = [];
  for (;;) {
    skipBlanks(cursor, 'lines');
    if (cursor.skip(']')) return { type: 'list', items, at: cursor.from(start) };
    if (cursor.isAtEnd) failOpen(cursor, 'list', ']', start);
    items.push(readValue(cursor));
    skipBlanks(cursor, 'lines');
    if (cursor.skip(',') || cursor.next === ']') continue;
    if (cursor.isAtEnd) failOpen(cursor, 'list', ']', start);
    if (OPERATOR.test(cursor.next)) failOperator(cursor);
    cursor.failStray(
      'Two items of a list have no comma between them.',
      'write a comma between them, or close it with ]',
    );
  }
}

function readObject(cursor: Cursor): HclObject {
  const start = cursor.at;
  cursor.at += 1;
  const items: Attribute[] = [];
  for (;;) {
    skipBlanks(cursor, 'lines');
    if (cursor.skip('}')) return { type: 'object', items, at: cursor.from(start) };
    if (cursor.isAtEnd) failOpen(cursor, 'map', '}', start);
    items.push(readItem(cursor));
    skipBlanks(cursor);
    if (cursor.skip(',') || cursor.next === '\n' || cursor.next === '}') continue;
    if (cursor.isAtEnd) failOpen(cursor, 'map', '}', start);
    if (OPERATOR.test(cursor.next)) failOperator(cursor);
    cursor.failStray(
      'Behind an entry of a map something else stands on its line.',
      'write a comma between entries, or put each on a line of its own',
    );
  }
}

function readItem(cursor: Cursor): Attribute {
  const start = cursor.at;
  const name = cursor.next === '"' ? readQuoted(cursor).value : (cursor.take(NAME) ?? cursor.take(NUMBER));
  if (name === undefined)
    cursor.failStray(
      'Here a key should stand, as `key = value`.',
      'write a name or a string in double quotes',
    );
  const at = cursor.from(start);
  skipBlanks(cursor);
  if (cursor.sees('==') || !(cursor.skip('=') || cursor.skip(':')))
    cursor.fail('Behind the key of a map there is neither = nor :.', 'write key = value', start, at.end);
  skipBlanks(cursor);
  return { name, at, value: readValue(cursor) };
}

function failOpen(cursor: Cursor, what: string, close: string, start: number): never {
  return cursor.fail(`A ${what} is not closed.`, `close it with ${close}`, start, start + 1);
}
