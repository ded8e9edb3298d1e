import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nginxId } from './nginx.ts';

const test = suite("the prefix of nginx's names for a site");

test('contains a plain name unchanged', () => {
  assert.is(nginxId({ name: 'location_x' }), 'harvgen_location_x');
  assert.is(nginxId({ name: 'a'.repeat(23) }), `harvgen_${'a'.repeat(23)}`);
});

test('is unique and short for names with hyphens and for long names', () => {
  const names = ['a-b', 'a_b', 'a-b-c', 'a-b_c', 'a_b-c', 'a'.repeat(24), 'a'.repeat(63), 'a'.repeat(62)];
  const ids = names.map((name) => nginxId({ name }));
  assert.is(new Set(ids).size, names.length);
  for (const id of ids) assert.match(id, /^harvgen[a-z0-9_]{1,24}$/);
});

test.run();
