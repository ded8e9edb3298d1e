import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hottestOf } from './profile.ts';

const test = suite('CPU profiles');

test('adds up the own time of each function in all threads, without idle time', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('emit', 'file:///x/dist/emit.js') },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('emit', 'file:///x/dist/emit.js') },
      { id: 4, callFrame: frame('', 'node:fs') },
    ],
    samples: [1, 2, 3, 4, 1],
    timeDeltas: [1000, 90_000, 2000, 2500, 500],
  };
  const expected = [
    { name: 'emit, emit.js', ms: 7 },
    { name: '(no name), node:fs', ms: 5 },
  ];
  assert.equal(hottestOf([profile, profile], 10), expected);
  assert.equal(hottestOf([profile, profile], 1), expected.slice(0, 1));
  assert.equal(hottestOf([profile], 10, 94), [
    { name: '(no name), node:fs', ms: 2.5 },
    { name: 'emit, emit.js', ms: 0.5 },
  ]);
});

test.run();
