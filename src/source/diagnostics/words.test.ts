import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listed, nameRanges, namesOf, threadsIn, withThreads } from './words.ts';

const testListed = suite('words in a sentence');

testListed('words are joined as in a sentence', () => {
  assert.equal([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed), ['', 'a', 'a and b', 'a, b and c']);
});

testListed('of many nodes, the first ones are named', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }));
  assert.is(namesOf(nodes.slice(0, 4)), 'a, b, c and d');
  assert.is(namesOf(nodes), 'a, b, c and 2 more');
});

testListed.run();

const testNameRanges = suite('names of many nodes');
const many = (count: number, write: (number: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index + 1));

testNameRanges('a few names are listed individually', () => {
  assert.is(nameRanges(['harv-1']), 'harv-1');
  assert.is(nameRanges(['harv-1', 'harv-2']), 'harv-1 and harv-2');
  assert.is(nameRanges(['db', 'harv-1', 'web']), 'db, harv-1 and web');
});

testNameRanges('consecutive numbers are a range, in natural order', () => {
  const names = many(200, (number) => `harv-${number}`);
  assert.is(nameRanges(names), 'harv-1 to harv-200 (200 nodes)');
  assert.is(nameRanges(names.sort()), 'harv-1 to harv-200 (200 nodes)');
  assert.is(
    nameRanges(many(12, (number) => `n${String(number).padStart(3, '0')}`)),
    'n001 to n012 (12 nodes)',
  );
  assert.is(nameRanges(many(3, (number) => `rack-${number}-left`)), 'rack-1-left to rack-3-left (3 nodes)');
});

testNameRanges('a gap or another number format ends a range', () => {
  assert.is(nameRanges(['a1', 'a2', 'a3', 'a5', 'a6', 'a7']), 'a1 to a3 and a5 to a7 (6 nodes)');
  assert.is(nameRanges(['a8', 'a9', 'a010']), 'a8, a9 and a010');
});

testNameRanges('the remaining names are counted', () => {
  assert.is(nameRanges(['a', 'b', 'c', 'd']), 'a, b, c and d');
  assert.is(nameRanges(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more (5 nodes)');
  assert.is(
    nameRanges([...many(9, (number) => `x-${number}`), 'a', 'b', 'c', 'd']),
    'a, b, c and 10 more (13 nodes)',
  );
});

testNameRanges('unusual names cause no error', () => {
  assert.is(nameRanges(['', '1', '99999999999999999999', 'a\n1', '\0']).includes('(5 nodes)'), true);
});

testNameRanges.run();

const testThreads = suite('upstream threads');

const TEXT = 'It stops (harvester/harvester#5675, #4737; rancher/harvester-installer#7).';

testThreads('threads are found, and a bare number belongs to the repository before it', () => {
  assert.equal(threadsIn(TEXT), [
    'https://github.com/harvester/harvester/issues/5675',
    'https://github.com/harvester/harvester/issues/4737',
    'https://github.com/rancher/harvester-installer/issues/7',
  ]);
  assert.equal(threadsIn('Nothing of it, not #1 either.'), []);
});

testThreads('threads are written by the given function', () => {
  assert.is(
    withThreads('See harvester/harvester#1 and #2.', (name, url) => `[${name}](${url})`),
    'See [harvester/harvester#1](https://github.com/harvester/harvester/issues/1) and [#2](https://github.com/harvester/harvester/issues/2).',
  );
});

testThreads.run();
