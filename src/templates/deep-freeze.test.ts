import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deepFreeze } from './deep-freeze.ts';

const test = suite('freezing data');

test('freezes all that is in it, in circles too, and leaves bytes as they are', () => {
  const cluster = { members: [] as object[] };
  const node = { cluster, bytes: new Uint8Array(2), text: 'x' };
  cluster.members.push(node);
  assert.is(deepFreeze(node), node);
  for (const frozen of [node, cluster, cluster.members]) assert.ok(Object.isFrozen(frozen));
  assert.not(Object.isFrozen(node.bytes));
});

test('goes not into what is frozen: the same data is looked through once', () => {
  const inner = { looked: [] };
  deepFreeze(Object.freeze({ inner }));
  assert.not(Object.isFrozen(inner));
});

test.run();
