import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nearest } from './text.ts';

const test = suite('suggestions');

const KEYS = ['vip', 'vip_mode', 'vip_hw_addr', 'token', 'harvester'];

test('a letter too much, too few, wrong or swapped', () => {
  assert.is(nearest('tokken', KEYS), 'token');
  assert.is(nearest('tokn', KEYS), 'token');
  assert.is(nearest('tokem', KEYS), 'token');
  assert.is(nearest('toekn', KEYS), 'token');
});

test('case, hyphens, underscores and blanks do not count', () => {
  assert.is(nearest('vipHwAddr', KEYS), 'vip_hw_addr');
  assert.is(nearest('VIP-Mode', KEYS), 'vip_mode');
  assert.is(nearest('vip mode', KEYS), 'vip_mode');
});

test('the nearest of several', () => {
  assert.is(nearest('gatewy', ['gate', 'gateway', 'getaway']), 'gateway');
});

test('of two that are equally near, the first', () => {
  assert.is(nearest('nod', ['node', 'nodes', 'nod1']), 'node');
});

test('a short word has to be very near', () => {
  assert.is(nearest('vpi', KEYS), 'vip');
  assert.is(nearest('ip', ['mac']), undefined);
  assert.is(nearest('a', ['b']), undefined);
});

test('something else altogether is none of them', () => {
  assert.is(nearest('frobnicate', KEYS), undefined);
  assert.is(nearest('', KEYS), undefined);
  assert.is(nearest('token', []), undefined);
});

test('a very long word is answered at once', () => {
  assert.is(nearest('x'.repeat(1_000_000), KEYS), undefined);
});

test('how far a word may be is a matter of the tolerance', () => {
  assert.is(nearest('sites', ['files']), 'files');
  assert.is(nearest('sites', ['files'], 0.25), undefined);
  assert.is(nearest('flies', ['files'], 0.25), 'files');
});

test.run();
