import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isFileOfSecrets, strangers } from './secrets.ts';

const test = suite('what an inventory does not know');

const valuesOf = (text: string) => strangers(text).map(({ start, end }) => text.slice(start, end).trimEnd());

test('is found whether the file can be read or not', () => {
  const text =
    'foo: a1\nsite: x\n"b c": |\n  a2\n\n  a3\nnodes:\n  foo: b\nbad: [\nlist:\n- a4\nd: ${secret:e}\n';
  assert.equal(valuesOf(text), ['a1', '|\n  a2\n\n  a3', '[', '\n- a4']);
});

test('what is nearly a key of an inventory is one with a slip, where it holds more than a text', () => {
  assert.equal(valuesOf('nodez:\n  harv-1: {}\nsit: a1\n'), ['a1']);
});

test('a file of secrets is told by its name, or since it holds nothing but texts', () => {
  assert.is(isFileOfSecrets('sites/x/secrets.yaml', 'site: x\n'), true);
  assert.is(isFileOfSecrets('sites/x/more.yaml', 'a: b\nc: "d"\n'), true);
  for (const text of ['a: b\nsite: x\n', 'a:\n  b: c\n', 'nodez: { harv-1: {} }\n', ''])
    assert.is(isFileOfSecrets('sites/secrets/more.yaml', text), false, text);
});

test.run();
