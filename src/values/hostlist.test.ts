import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { namesOfRange, parseHostlist } from './hostlist.ts';

const test = suite('numbers in brackets');

function allOf(text: string, radix: 10 | 16 = 10): string[] | string {
  const list = parseHostlist(text, radix);
  if ('fault' in list) return list.fault;
  return Array.from({ length: list.size }, (_, index) => list.at(index));
}

test('the first number of a range sets the width of all', () => {
  assert.equal(allOf('cg[08-11]'), ['cg08', 'cg09', 'cg10', 'cg11']);
  assert.equal(allOf('cg[8-11]'), ['cg8', 'cg9', 'cg10', 'cg11']);
  assert.equal(allOf('n[099-101].ib'), ['n099.ib', 'n100.ib', 'n101.ib']);
  assert.equal(allOf('n[01-02,7,010-011]'), ['n01', 'n02', 'n7', 'n010', 'n011']);
  assert.equal(allOf('plain'), ['plain']);
  assert.equal(allOf('[3]'), ['3']);
});

test('the last of several brackets varies fastest', () => {
  assert.equal(allOf('r[1-2]n[01-02]'), ['r1n01', 'r1n02', 'r2n01', 'r2n02']);
  assert.equal(allOf('[1,3][5,4]'), ['15', '14', '35', '34']);
});

test('hexadecimal digits keep their case in MAC addresses', () => {
  assert.equal(allOf('b4:[0e-11]', 16), ['b4:0e', 'b4:0f', 'b4:10', 'b4:11']);
  assert.equal(allOf('B4:[0E-0F]', 16), ['B4:0E', 'B4:0F']);
});

test('a malformed list of numbers returns an error with the reason', () => {
  const errors = {
    'cg[01-06': 'has an unmatched bracket',
    'cg01-06]': 'has an unmatched bracket',
    'cg[[1-2]]': 'has an unmatched bracket',
    'cg[]': 'has `` in brackets, which must contain numbers or ranges such as 01-06',
    'cg[1-]': 'has `1-` in brackets, which must contain numbers or ranges such as 01-06',
    'cg[1-2-3]': 'has `1-2-3` in brackets, which must contain numbers or ranges such as 01-06',
    'cg[0a-0f]': 'has `0a-0f` in brackets, which must contain numbers or ranges such as 01-06',
    'cg[06-01]': 'has `06-01` in brackets, whose first number is larger than its last',
    'cg[1-06]': 'has `1-06` in brackets, whose two numbers are padded differently',
    'cg[1-1234567890123]': 'has a number of more than 12 digits in brackets',
  };
  for (const [text, error] of Object.entries(errors)) assert.is(allOf(text), error, text);
});

test('returns the names in a range, or none if it is too large', () => {
  assert.equal(namesOfRange('cg[1-2]'), ['cg1', 'cg2']);
  assert.is(namesOfRange('cg[1-10000]').length, 10_000);
  assert.equal(namesOfRange('cg[0-10000]'), []);
  assert.equal(namesOfRange('cg[2-1]'), []);
});

test.run();
