import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { threadsIn, withThreads } from './words.ts';

const test = suite('upstream threads');

const TEXT = 'It stops (harvester/harvester#5675, #4737; rancher/harvester-installer#7).';

test('threads are found, and a bare number belongs to the repository before it', () => {
  assert.equal(threadsIn(TEXT), [
    'https://github.com/harvester/harvester/issues/5675',
    'https://github.com/harvester/harvester/issues/4737',
    'https://github.com/rancher/harvester-installer/issues/7',
  ]);
  assert.equal(threadsIn('Nothing of it, not #1 either.'), []);
});

test('threads are written as one wants', () => {
  assert.is(
    withThreads('See harvester/harvester#1 and #2.', (name, url) => `[${name}](${url})`),
    'See [harvester/harvester#1](https://github.com/harvester/harvester/issues/1) and [#2](https://github.com/harvester/harvester/issues/2).',
  );
});

test.run();
