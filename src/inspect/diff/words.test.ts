import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeChange, valueText } from './values.ts';

const test = suite('values as text');

for (const [value, text] of [
  ['/dev/sda', '/dev/sda'],
  ['192.168.178.200-192.168.178.250', '192.168.178.200-192.168.178.250'],
  [9000, '9000'],
  ['9000', '"9000"'],
  ['true', '"true"'],
  [true, 'true'],
  [null, 'null'],
  ['', '""'],
  ['two words', '"two words"'],
  ['a\nb', '"a\\nb"'],
  ['-x', '"-x"'],
  [['a', 1], '["a",1]'],
  [{}, '{}'],
  [undefined, 'not set'],
] as const) {
  test(text, () => {
    assert.is(valueText(value), text);
  });
}

test('truncates a long value', () => {
  assert.is(valueText('x'.repeat(100)), `${'x'.repeat(72)}…`);
});

test('shows both sides', () => {
  assert.is(describeChange(undefined, 1), 'not set → 1');
});

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'x'.repeat(40)}hQ`;

test('shows long texts around the first difference', () => {
  assert.is(
    describeChange(`${KEY} me@old`, `${KEY} me@new`),
    ['old', 'new'].map((name) => `…AC3NzaC1lZDI1NTE5AAAAI${'x'.repeat(40)}hQ me@${name}"`).join(' → '),
  );
  const long = 'a'.repeat(500);
  assert.is(
    describeChange(`${long}b${long}`, `${long}c${long}`),
    `…${'a'.repeat(24)}b${'a'.repeat(47)}… → …${'a'.repeat(24)}c${'a'.repeat(47)}…`,
  );
  assert.match(describeChange(long, `${long} `), / → …"?a+ "$/);
});

for (const [before, after, text] of [
  [['a', 'b'], ['a', 'c'], 'c instead of b'],
  [['a'], ['a', 'b', 'c'], 'b and c are new'],
  [['a', 'b', 'c'], ['d'], 'd is new; a, b and c are gone'],
  [[], ['a', 'b', 'c', 'd'], 'a, b and 2 more are new'],
  [['a', 'a'], ['a'], 'a is gone'],
  [['a', 'b'], ['b', 'a'], 'another order: ["a","b"] → ["b","a"]'],
  [[KEY, 'b'], ['b', KEY], 'the same entries in another order'],
  [[{ a: 1 }], [{ a: 2 }], '{"a":2} instead of {"a":1}'],
] as const) {
  test(`of lists: ${text}`, () => {
    assert.is(describeChange(before, after), text);
  });
}

test('shows the comment of an SSH key in a list; or the difference if the comment is equal', () => {
  const tail = /hQ me@new" instead of .*hQ me@old"$/;
  assert.match(describeChange([KEY, `${KEY} me@old`], [KEY, `${KEY} me@new`]), tail);
  assert.match(
    describeChange([], [`${KEY} me@new`, `${KEY} you@new`]),
    /hQ me@new" and "ssh.*hQ you@new" are new$/,
  );
  const other = KEY.replace('AAAAI', 'AAAAB');
  const text = describeChange([`${KEY} ${'me'.repeat(30)}`], [`${other} ${'me'.repeat(30)}`, 'x']);
  assert.match(text, /^….*AAAAB.* and x are new; ….*AAAAI.* is gone$/);
});

test('shows every change of values, in one line of limited length', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc
      .array(fc.constantFrom('a', '\\', '"', '\n', '\u0001', '😀'), { maxLength: 300 })
      .map((all) => all.join('')),
  );
  const value = fc.oneof(text, fc.array(fc.oneof(text, fc.jsonValue()), { maxLength: 30 }), fc.jsonValue());
  fc.assert(
    fc.property(value, value, (before, after) => {
      if (JSON.stringify(before) === JSON.stringify(after)) return;
      const line = describeChange(before, after);
      assert.ok(line.length < 600, line);
      assert.not.match(line, /\n/);
      assert.is(Buffer.from(line).toString(), line);
      const [from, to, ...more] = line.split(/ → | instead of /);
      if (to !== undefined && more.length === 0) assert.is.not(from, to);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
