import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJsonMap } from './config-values.ts';

const test = suite('a map in JSON');

test('is read', () => {
  assert.equal(parseJsonMap('{}'), {});
  assert.equal(parseJsonMap(' {"cpu": 1600}\n'), { cpu: 1600 });
});

test('is not made of anything else', () => {
  for (const text of ['', '[]', 'null', '"text"', '5', '{cpu: 1600}', '{"cpu": 1600', '['.repeat(1e6)]) {
    assert.is(parseJsonMap(text), undefined);
  }
});

test.run();
