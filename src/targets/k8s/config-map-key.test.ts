import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configMapKey } from './config-map-key.ts';

const test = suite('configMapKey');

test('is the path, with what a key can have', () => {
  assert.is(configMapKey('www/ipxe/52-54-00-aa-01-01.ipxe'), 'www__ipxe__52-54-00-aa-01-01.ipxe');
  assert.is(configMapKey('www/a b_ü:x'), 'www__a_20b_5f_c3_bc_3ax');
});

test('is another one for each path', () => {
  const long = 'www/'.padEnd(300, 'x');
  const paths = ['a/b', 'a__b', 'a_2fb', 'a_b', 'a//b', `${long}1`, `${long}2`, 'a😀', 'a\u{1f601}'];
  const keys = paths.map(configMapKey);
  assert.is(new Set(keys).size, paths.length);
  for (const key of keys) assert.match(key, /^[-._a-zA-Z0-9]{1,253}$/);
});

test.run();
