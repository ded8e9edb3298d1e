import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listed, namesOf } from './words.ts';

const test = suite('words in a sentence');

test('words are joined as a sentence wants them', () => {
  assert.equal([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed), ['', 'a', 'a and b', 'a, b and c']);
});

test('of many nodes the first ones are named', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }));
  assert.is(namesOf(nodes.slice(0, 4)), 'a, b, c and d');
  assert.is(namesOf(nodes), 'a, b, c and 2 more');
});

test.run();
