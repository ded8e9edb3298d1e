import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fittingList } from './ranged-value.ts';

const test = suite('values that match the name of a range');

/** Returns the list that is proposed for a value, or `none`. */
function proposed(range: string, text: string, radix: 10 | 16 = 16): string {
  return fittingList(text, range, radix)?.text ?? 'none';
}

test('numbers that the name omits are omitted from the value, and no node shifts', () => {
  const range = 'nid[013-017,019-024]';
  assert.is(proposed(range, '02:00:00:aa:02:[01-0c]'), '02:00:00:aa:02:[01-05,07-0c]');
  assert.is(proposed(range, 'B4:[0E-19]'), 'B4:[0E-12,14-19]');
  assert.is(proposed(range, '172.20.1.[1-12]', 10), '172.20.1.[1-5,7-12]');
  assert.is(proposed(range, '[13-24]', 10), '[13-17,19-24]');
  assert.is(proposed(range, '02:[01-12]'), '02:[01-05,07-0c]', 'counted in decimal');
  assert.is(proposed('nid[013-017,019-020,022-024]', '02:[01-05,07-0c]'), '02:[01-05,07-08,0a-0c]');
  assert.is(proposed('n[1,3]', '02:[07-09]'), '02:[07,09]');
});

test('a name without a gap may have another end', () => {
  assert.is(proposed('n[01-20]', '02:[01-20]'), '02:[01-14]');
  assert.is(proposed('n[21-40]', '02:[01-20]'), '02:[01-14]');
  assert.is(proposed('r[1-2]n[01-10]', '02:[01-20]'), '02:[01-14]');
  assert.is(proposed('n[01-06]', '02:[01-05]'), '02:[01-06]');
  assert.is(proposed('n[01-05]', '172.16.0.[1-6]', 10), '172.16.0.[1-5]');
});

test('no list is proposed for an ambiguous value', () => {
  // Either the first or the last is missing.
  assert.is(proposed('n[02-12]', '02:[01-0c]'), 'none');
  assert.is(proposed('nid[013-017,019-024]', '02:[01-0d]'), 'none');
  assert.is(proposed('nid[013-017,019-024]', '02:[01-04,06-0c]'), 'none');
  assert.is(proposed('r[1,3]n[01-10]', '02:[01-1e]'), 'none');
  assert.is(proposed('n[5,1]', '02:[01-05]'), 'none');
  assert.is(proposed('n[001-300]', '02:[01-ff]'), 'none', 'two digits must not become three');
  assert.is(proposed('n[1-3]', 'r[1-2]s[1-2]', 10), 'none');
});

test.run();
