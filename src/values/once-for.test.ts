import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onceFor } from './once-for.ts';

const test = suite('onceFor');

test('returns the same value for the same object, another one for an equal object', () => {
  let made = 0;
  const of = onceFor((names: readonly string[]) => {
    made += 1;
    return names.map((name) => `${name}!`);
  });
  const names = ['a', 'b'];
  assert.equal(of(names), ['a!', 'b!']);
  assert.is(of(names), of(names));
  assert.is(made, 1);
  assert.is.not(of(['a', 'b']), of(names));
  assert.is(made, 2);
});

test.run();
