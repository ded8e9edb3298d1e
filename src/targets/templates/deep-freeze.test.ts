import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deepFreeze } from './deep-freeze.ts';

const test = suite('freezing data');

test('freezes all that is in it, in circles too', () => {
  const cluster = { members: [] as object[] };
  const node = { cluster, text: 'x' };
  cluster.members.push(node);
  assert.is(deepFreeze(node), node);
  for (const frozen of [node, cluster, cluster.members]) assert.ok(Object.isFrozen(frozen));
});

test('gives copies of bytes, of which none changes another', () => {
  const bytes = Buffer.from('ab');
  const { files, list } = deepFreeze({ files: [{ content: bytes }], list: [bytes] });
  const [file] = files;
  assert.ok(file && Object.isFrozen(file));
  assert.equal(Object.keys(file), ['content']);
  file.content[0] = 88;
  new Uint8Array(file.content.buffer).fill(88);
  if (list[0]) list[0][0] = 88;
  assert.is(Buffer.from(file.content).toString(), 'ab');
  assert.is(bytes.toString(), 'ab');
  assert.throws(() => {
    file.content = Buffer.from('other');
  }, TypeError);
});

test('goes not into what is frozen: the same data is looked through once', () => {
  const inner = { looked: [] };
  deepFreeze(Object.freeze({ inner }));
  assert.not(Object.isFrozen(inner));
});

test.run();
