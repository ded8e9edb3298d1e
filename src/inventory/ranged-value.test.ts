import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fittingList } from './ranged-value.ts';

const test = suite('values that fit the name of a range');

/** The list that is proposed for a value; `none` where none is. */
function proposed(range: string, text: string, radix: 10 | 16 = 16): string {
  return fittingList(text, range, radix)?.text ?? 'none';
}

test('what the name leaves out is left out of the value, and nobody moves up', () => {
  const range = 'nid[013-017,019-024]';
  assert.is(proposed(range, '02:00:00:aa:02:[01-0c]'), '02:00:00:aa:02:[01-05,07-0c]');
  assert.is(proposed(range, 'B4:[0E-19]'), 'B4:[0E-12,14-19]');
  assert.is(proposed(range, '172.20.1.[1-12]', 10), '172.20.1.[1-5,7-12]');
  assert.is(proposed(range, '[13-24]', 10), '[13-17,19-24]');
  assert.is(proposed(range, '02:[01-12]'), '02:[01-05,07-0c]', 'counted in tens');
  assert.is(proposed('nid[013-017,019-020,022-024]', '02:[01-05,07-0c]'), '02:[01-05,07-08,0a-0c]');
  assert.is(proposed('n[1,3]', '02:[07-09]'), '02:[07,09]');
});

test('of a name without a gap the end may be another one', () => {
  assert.is(proposed('n[01-20]', '02:[01-20]'), '02:[01-14]');
  assert.is(proposed('n[21-40]', '02:[01-20]'), '02:[01-14]');
  assert.is(proposed('r[1-2]n[01-10]', '02:[01-20]'), '02:[01-14]');
  assert.is(proposed('n[01-06]', '02:[01-05]'), '02:[01-06]');
  assert.is(proposed('n[01-05]', '172.16.0.[1-6]', 10), '172.16.0.[1-5]');
});

test('where it cannot be told which are meant, no list is proposed', () => {
  // The first has gone, or the last: nobody knows.
  assert.is(proposed('n[02-12]', '02:[01-0c]'), 'none');
  assert.is(proposed('nid[013-017,019-024]', '02:[01-0d]'), 'none');
  assert.is(proposed('nid[013-017,019-024]', '02:[01-04,06-0c]'), 'none');
  assert.is(proposed('r[1,3]n[01-10]', '02:[01-1e]'), 'none');
  assert.is(proposed('n[5,1]', '02:[01-05]'), 'none');
  assert.is(proposed('n[001-300]', '02:[01-ff]'), 'none', 'two digits do not become three');
  assert.is(proposed('n[1-3]', 'r[1-2]s[1-2]', 10), 'none');
});

test.run();
