import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bmcXname, plainXname, xnameNumbers } from './identifiers.ts';

const test = suite('xnames');

test('zeros before a number are no difference', () => {
  assert.is(plainXname('x0001c0s00b0n0'), 'x1c0s0b0n0');
  assert.is(plainXname('x1000c1s7b10n0'), 'x1000c1s7b10n0');
});

test('a management controller is the place of its nodes', () => {
  assert.is(bmcXname('x1000c1s7b0n0'), 'x1000c1s7b0');
  assert.is(bmcXname('x0100c1s7b0n12'), 'x100c1s7b0');
});

test('its numbers, and none of what is no xname of a node', () => {
  assert.equal(xnameNumbers('x1000c1s7b0n1'), ['1000', '1', '7', '0', '1']);
  assert.equal(xnameNumbers('x1000c1s7b0'), []);
});

test.run();
