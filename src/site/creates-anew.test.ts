import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createsAnew } from './clusters.ts';

const test = suite('what comes of a create node that is installed anew');

test('a new cluster, by its name where it is known, and nothing of a node that joins', () => {
  assert.is(createsAnew({ mode: 'create', cluster: 'plant' }), ', as a new cluster plant each time');
  assert.is(createsAnew({ mode: 'create' }), ', as a new cluster each time');
  assert.is(createsAnew({ mode: 'join', cluster: 'plant' }), '');
  assert.is(createsAnew({}), '');
});

test.run();
