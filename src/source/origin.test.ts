import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Origins } from './origin.ts';
import { Source } from './source.ts';

const test = suite('recorded source locations');

const source = new Source('site.yaml', 'x'.repeat(1000));

/** Returns the locations of a long list. The end of entry 0's key is also the index of a missing entry. */
function listOf(count: number): Origins {
  const origins = new Origins(source, 0, 1000);
  for (let index = 0; index < count; index += 1)
    origins.set(
      index,
      { source, start: index * 10 + 500, end: index * 10 + 505 },
      { source, start: index + 40, end: index + 50 },
    );
  return origins;
}

test('a missing entry of a list has no location, whatever was requested before', () => {
  const origins = listOf(20);
  for (const name of [20, 50, 500, 505, 40, 19, 50, 'a', 50]) {
    const isThere = typeof name === 'number' && name < 20;
    assert.is(origins.find(name) !== undefined, isThere, `${name}`);
    assert.is(origins.find(name)?.value.start, isThere ? name * 10 + 500 : undefined, `${name}`);
  }
});

test('every key of a long map is found, in any order of requests', () => {
  const origins = new Origins(source, 0, 1000);
  const names = Array.from({ length: 30 }, (_, index) => `key-${index}`);
  for (const [start, name] of names.entries())
    origins.set(name, { source, start, end: start + 1 }, { source, start, end: start + 1 });
  for (const name of [...names, ...names.toReversed(), 'none', ...names])
    assert.is(origins.find(name)?.value.start, name === 'none' ? undefined : names.indexOf(name), name);
});

test('a copy finds keys that every object has, under their own and other names', () => {
  const origins = new Origins(source, 0, 1000);
  const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'plain'];
  for (const [start, name] of names.entries())
    origins.set(name, { source, start, end: start + 1 }, { source, start, end: start + 1 });
  const copy = new Origins(source, 0, 1000);
  copy.base(origins);
  const renamed = new Origins(source, 0, 1000);
  renamed.base(origins, (name) => (name === 'other' ? 'plain' : name));
  for (const [start, name] of names.entries()) {
    assert.is(copy.find(name)?.value.start, start, name);
    assert.is(renamed.find(name)?.value.start, start, name);
  }
  assert.is(renamed.find('other')?.value.start, names.indexOf('plain'));
});

test.run();
