import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markSecrets, marksIn } from './marks.ts';

const test = suite('marks of secrets');

test('references become marks, and nothing else changes', () => {
  assert.is(markSecrets('${secret:a}'), '@@secret:a@@');
  assert.is(markSecrets('x${secret:a_1}y${secret:b}$&z'), 'x@@secret:a_1@@y@@secret:b@@$&z');
  assert.is(markSecrets('${net0/ip} $1 $$'), '${net0/ip} $1 $$');
});

test('marks say what they stand in, and are found again', () => {
  const text = `a ${markSecrets('${secret:b}', 'json')} c${markSecrets('${secret:d_1}')}`;
  assert.is(text, 'a @@secret:b:json@@ c@@secret:d_1@@');
  assert.equal(marksIn(text), [
    { name: 'b', format: 'json', start: 2, end: 19 },
    { name: 'd_1', format: 'text', start: 21, end: 35 },
  ]);
  assert.equal(marksIn('@@secret:B@@ @@secret:a:xml@@ @@secret:@@'), []);
});

test.run();
