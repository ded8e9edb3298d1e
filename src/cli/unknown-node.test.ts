import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unknownNode } from './unknown-node.ts';

const test = suite('a node that a site does not have');

test('a range is not one, and of very many names a few are shown', () => {
  assert.is(
    unknownNode('cg[1-2]', ['cg1', 'cg2'], 'plant').message,
    'plant has no node cg[1-2]: it takes one node. What all of a range have stands at its name in the inventory. There are cg1, cg2',
  );
  const names = Array.from({ length: 10_000 }, (_, index) => `cg${index}`);
  const { message } = unknownNode('head', names, 'plant');
  assert.match(message, /^plant has no node head\. There are cg0, .*, cg19 and 9980 more$/);
});

test.run();
