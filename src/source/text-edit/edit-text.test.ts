import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Path } from '../leaf.ts';
import type { Value } from '../origin.ts';
import { Source } from '../source.ts';
import { findValue, withoutValue, withValue } from './edit-text.ts';
import { EditRefusal } from './yaml-text.ts';

const test = suite('editing a text');

type Case = readonly [what: string, before: string, path: Path, value: Value, after: string];

const SETTINGS: readonly Case[] = [
  ['a plain scalar', 'a: 1 # one\nb: 2\n', ['a'], 3, 'a: 3 # one\nb: 2\n'],
  ['double quotes stay', 'a: "x"  # x\n', ['a'], 'y', 'a: "y"  # x\n'],
  ['single quotes stay', "a: 'x'\n", ['a'], "it's", "a: 'it''s'\n"],
  ['no quotes around other types', 'a: "1"\n', ['a'], 1, 'a: 1\n'],
  ['no single quotes around a line break', "a: 'x'\n", ['a'], 'x\ny', 'a: "x\\ny"\n'],
  ['text that would be a number', 'a: x\n', ['a'], '10', 'a: "10"\n'],
  ['text that would be a boolean', 'a: x\n', ['a'], 'true', 'a: "true"\n'],
  ['text that is a boolean in other parsers', 'a: x\n', ['a'], 'yes', 'a: "yes"\n'],
  ['empty text', 'a: x\n', ['a'], '', 'a: ""\n'],
  ['text that would be a comment', 'a: x\n', ['a'], 'y #z', 'a: "y #z"\n'],
  ['text that would be a map', 'a: x\n', ['a'], 'y: z', 'a: "y: z"\n'],
  ['text that would be an alias', 'a: x\n', ['a'], '*y', 'a: "*y"\n'],
  ['text with commas, in block style', 'a: x\n', ['a'], 'y, [z]', 'a: y, [z]\n'],
  ['text with commas, in flow style', '{ a: x }\n', ['a'], 'y, [z]', '{ a: "y, [z]" }\n'],
  ['a secret, in block style', 'a: x\n', ['a'], '${secret:y}', 'a: ${secret:y}\n'],
  ['a secret, in flow style', 'a: { b: x }\n', ['a', 'b'], '${secret:y}', 'a: { b: "${secret:y}" }\n'],
  ['text outside ASCII', 'ä: ü # ö\n', ['ä'], 'ñ 💾', 'ä: ñ 💾 # ö\n'],
  ['text with invisible characters', 'a: x\n', ['a'], '\u0085\u2028', 'a: "\\u0085\\u2028"\n'],
  ['a quoted key', '"a b": 1\n', ['a b'], 2, '"a b": 2\n'],
  ['a key that is a number', '101: 1\n', ['101'], 2, '101: 2\n'],
  ['an explicit key', '? a\n: 1\nb: 2\n', ['a'], 3, '? a\n: 3\nb: 2\n'],
  ['a scalar on the next line', 'a:\n  x\nb: 1\n', ['a'], 'z', 'a:\n  z\nb: 1\n'],
  ['a scalar of two lines', 'a: x\n  y # c\nb: 1\n', ['a'], 'z', 'a: z # c\nb: 1\n'],
  ['an alias', 'a: &x 1\nb: *x # c\n', ['b'], 2, 'a: &x 1\nb: 2 # c\n'],
  ['a value with an unused anchor', 'a: &x 1\n', ['a'], 2, 'a: &x 2\n'],
  [
    'a block list to another without common entries',
    'a: # c\n  # d\n  - 1 # e\n  - 2\nb: 1\n',
    ['a'],
    [3],
    'a: # c\n  - 3\nb: 1\n',
  ],
  [
    'a block list to an empty one',
    'a: # c\n  # d\n\n  # e\n  - 1 # f\nb: 1\n',
    ['a'],
    [],
    'a: [] # c\n  # d\n\nb: 1\n',
  ],
  [
    'a longer block list',
    'a:\n  # x\n  - 1   # on call\n  - 2\nb: 1\n',
    ['a'],
    [0, 1, 3, 2, 4],
    'a:\n  - 0\n  # x\n  - 1   # on call\n  - 3\n  - 2\n  - 4\nb: 1\n',
  ],
  [
    'a shorter block list',
    'a:\n- 1 # c\n# d\n- 2\n# e\n- 3 # f\n\n# g\nb: 1\n',
    ['a'],
    [1, 3],
    'a:\n- 1 # c\n# e\n- 3 # f\n\n# g\nb: 1\n',
  ],
  [
    'a block list in another order: lines move with their comments',
    'a:\n  # one\n  - 1 # c\n\n  - b: 2\n    # inner\n    c: 3\n      # deep\n  - 3\n',
    ['a'],
    [3, { c: 3, b: 2 }, 1],
    'a:\n  - 3\n  - b: 2\n    # inner\n    c: 3\n      # deep\n  # one\n  - 1 # c\n\n',
  ],
  [
    'a block list with the same entry twice',
    'a:\n  - 1 # c\n  - 1 # d\n  - 2',
    ['a'],
    [1, 2, 1, 1],
    'a:\n  - 1 # c\n  - 2\n  - 1 # d\n  - 1',
  ],
  ['a block list in a block list', '- - 1 # c\n  - 2\n- 3\n', [0], [1, 4], '- [1, 4]\n- 3\n'],
  [
    'a block list with an alias that stays',
    'x: &x 1\na:\n  - *x # c\n  - 2\n',
    ['a'],
    [1],
    'x: &x 1\na:\n  - *x # c\n',
  ],
  [
    'a block list without the anchor of an alias',
    'a:\n  - &x { b: 1 } # c\n  - { d: *x }\n',
    ['a'],
    [{ d: { b: 1 } }],
    'a: [{ d: { b: 1 } }]\n',
  ],
  [
    'a block map to another',
    'a: # c\n  # d\n  b: 1 # e\n  # f\n  g: "x" # h\n  i:\n    j: 1 # k\n    l: 2\n  # m\nn: 1\n',
    ['a'],
    { i: { l: 2, j: 3 }, o: 4, g: 'y' },
    'a: # c\n  # f\n  g: "y" # h\n  i:\n    j: 3 # k\n    l: 2\n  o: 4\n  # m\nn: 1\n',
  ],
  ['the end of a block list without a line break', 'a:\n  - 1\n\n  - 2', ['a'], [1], 'a:\n  - 1'],
  ['a block map to one with other keys', 'a: # c\n  b: 1\n  d: 2', ['a'], { e: 3 }, 'a: # c\n  e: 3'],
  [
    'a block map after a dash',
    '- a: 1 # c\n  b: 2 # d\n- c\n',
    [0],
    { a: 1, d: 3 },
    '- a: 1 # c\n  d: 3\n- c\n',
  ],
  [
    'a block map with a merge key to its effective value',
    'x: &x { b: 1 }\na:\n  <<: *x\n  c: 2 # c\n',
    ['a'],
    { b: 1, c: 2 },
    'x: &x { b: 1 }\na:\n  c: 2 # c\n  b: 1\n',
  ],
  ['a block list without indentation', 'a:\n- 1\n- 2\nb: 1\n', ['a'], [], 'a: []\nb: 1\n'],
  ['a block map to a scalar', 'a:\n  b: 1\n  c: 2', ['a'], 'x', 'a: x'],
  ['a block map in a list', '- a: 1\n  b: 2\n- c\n', [0], { d: 3 }, '- { d: 3 }\n- c\n'],
  ['a flow map', 'a: {b: 1} # c\n', ['a'], { d: [1, 'x, y'] }, 'a: {d: [1, "x, y"]} # c\n'],
  ['a flow list of several lines', 'a: [\n  1, # c\n  2,\n] # d\n', ['a'], [3], 'a: [3] # d\n'],
  ['a literal block', 'a: | # c\n  x\n  y\n\nb: 1\n', ['a'], 'z', 'a: z # c\n\nb: 1\n'],
  [
    'a literal block to another',
    'a: |- # c\n    x\nb: 1\n',
    ['a'],
    'p\n\n q\n',
    'a: | # c\n    p\n\n     q\nb: 1\n',
  ],
  ['a literal block without a final break', 'a: |\n  x\nb: 1\n', ['a'], 'p\nq', 'a: |-\n  p\n  q\nb: 1\n'],
  ['a folded block', 'a: >-\n  x\n  y\nb: 1\n', ['a'], 2, 'a: 2\nb: 1\n'],
  ['the last block of a file', 'a: |\n  x', ['a'], 'z', 'a: z'],
  ['an empty value', 'a: # c\nb: 1\n', ['a'], 2, 'a: 2 # c\nb: 1\n'],
  ['an empty value, in flow style', '{ a: , b: 1 }\n', ['a'], 2, '{ a: 2 , b: 1 }\n'],
  ['a key without a colon', '{ a, b: 1 }\n', ['a'], 2, '{ a: 2, b: 1 }\n'],
  ['an empty entry', '-\n- 1\n', [0], 2, '- 2\n- 1\n'],
  ['null', 'a: ~ # c\n', ['a'], 2, 'a: 2 # c\n'],
  [
    'an empty value to a map',
    'a: # c\n  # d\nb: 1\n',
    ['a', 'x', 'y'],
    2,
    'a: # c\n  x:\n    y: 2\n  # d\nb: 1\n',
  ],
  ['null to a map', 'a: ~ # c\n', ['a', 'x', 'y'], 2, 'a: { x: { y: 2 } } # c\n'],
  ['an empty value in flow style to a map', 'a: {b: }\n', ['a', 'b', 'c'], 2, 'a: {b: {c: 2} }\n'],
  ['an entry of a block list', 'a:\n  - 1 # c\n  - 2 # d\n', ['a', 1], 3, 'a:\n  - 1 # c\n  - 3 # d\n'],
  ['an entry of a flow list', 'a: [1, 2]\n', ['a', 0], 3, 'a: [3, 2]\n'],
  ['a key in an entry', 'a:\n  - b: 1\n    c: 2\n', ['a', 0, 'c'], 3, 'a:\n  - b: 1\n    c: 3\n'],

  ['a new key', 'a: 1 # c\n\n# d\n', ['b'], 2, 'a: 1 # c\nb: 2\n\n# d\n'],
  ['a new key at the end of a file without a line break', 'a: 1', ['b'], 2, 'a: 1\nb: 2'],
  [
    'a new key before a comment of the next item',
    'a:\n    b: 1\n# c\nc: 2\n',
    ['a', 'd'],
    3,
    'a:\n    b: 1\n    d: 3\n# c\nc: 2\n',
  ],
  [
    'a new key after a comment with deeper indentation',
    'a:\n  b:\n    c: 1\n\n    # d\n\n  # e\nf: 2\n',
    ['a', 'g'],
    3,
    'a:\n  b:\n    c: 1\n\n    # d\n  g: 3\n\n  # e\nf: 2\n',
  ],
  ['after a block', 'a:\n  b: |\n    x\n\nc: 1\n', ['a', 'd'], 2, 'a:\n  b: |\n    x\n  d: 2\n\nc: 1\n'],
  [
    'a new key after a block that keeps its blank lines',
    'a:\n  b: |+\n    x\n\nc: 1\n',
    ['a', 'd'],
    2,
    'a:\n  b: |+\n    x\n\n  d: 2\nc: 1\n',
  ],
  ['a new key after an empty value', 'a:\n  b: # c\nd: 1\n', ['a', 'e'], 2, 'a:\n  b: # c\n  e: 2\nd: 1\n'],
  [
    'a new key after a list',
    'a:\n  b:\n  - 1\n  # c\nd: 1\n',
    ['a', 'e'],
    2,
    'a:\n  b:\n  - 1\n  e: 2\n  # c\nd: 1\n',
  ],
  [
    'a new key with its missing parents',
    'a:\n    b: 1\n',
    ['a', 'c', 'd', 0, 'e', 'f'],
    2,
    'a:\n    b: 1\n    c:\n        d:\n            - e:\n                  f: 2\n',
  ],
  ['an entry within an entry', 'a: 1\n', ['b', 0, 0], 2, 'a: 1\nb:\n  - - 2\n'],
  ['a new key that needs quotes', 'a: 1\n', ['b: c'], 2, 'a: 1\n"b: c": 2\n'],
  ['a new key in a flow map', 'a: { b: 1 } # c\n', ['a', 'd'], 2, 'a: { b: 1, d: 2 } # c\n'],
  ['a new key in a flow map without padding', 'a: {b: 1}\n', ['a', 'd', 'e'], 2, 'a: {b: 1, d: {e: 2}}\n'],
  ['a new key in an empty flow map', 'a: {}\n', ['a', 'd', 'e'], 2, 'a: {d: { e: 2 }}\n'],
  ['a new key in an empty flow map with padding', 'a: { }\n', ['a', 'd'], 2, 'a: { d: 2 }\n'],
  ['a key in an empty map with a comment', 'a: {\n  # c\n}\n', ['a', 'd'], 2, 'a: {\n  # c\n  d: 2\n}\n'],
  ['a new key after a comma', 'a: { b: 1, }\n', ['a', 'd'], 2, 'a: { b: 1, d: 2, }\n'],
  ['in a map of several lines', 'a: {\n  b: 1 # c\n}\n', ['a', 'd'], 2, 'a: {\n  b: 1, # c\n  d: 2\n}\n'],
  ['in a map with a last comma', 'a: {\n  b: 1, # c\n}\n', ['a', 'd'], 2, 'a: {\n  b: 1, # c\n  d: 2,\n}\n'],
  [
    'a new key in a flow map that closes on its last line',
    'a: { b: 1,\n     c: 2 } # c\n',
    ['a', 'd'],
    3,
    'a: { b: 1,\n     c: 2,\n     d: 3 } # c\n',
  ],
  [
    'a new key in a flow map with two keys on the last line',
    'a: {\n  b: 1, c: 2 # c\n}\n',
    ['a', 'd'],
    3,
    'a: {\n  b: 1, c: 2, d: 3 # c\n}\n',
  ],
  ['a new entry in a block list', 'a:\n- 1 # c\n# d\nb: 1\n', ['a', 1], 2, 'a:\n- 1 # c\n- 2\n# d\nb: 1\n'],
  [
    'a new map in a block list',
    'a:\n  - b: 1\n    c: 2\n',
    ['a', 1, 'b'],
    3,
    'a:\n  - b: 1\n    c: 2\n  - b: 3\n',
  ],
  ['a new entry in a flow list', 'a: [1, 2]\n', ['a', 2], 3, 'a: [1, 2, 3]\n'],
  ['a new entry in an empty list', 'a: [] # c\n', ['a', 0, 'b'], 3, 'a: [{ b: 3 }] # c\n'],
  [
    'a new key next to a merge key',
    'a: &x { b: 1 }\nc:\n  <<: *x\n',
    ['c', 'b'],
    2,
    'a: &x { b: 1 }\nc:\n  <<: *x\n  b: 2\n',
  ],
  [
    'a whole map next to a merge key',
    'a: &x { b: { d: 1 } }\nc: { <<: *x }\n',
    ['c', 'b'],
    { e: 1 },
    'a: &x { b: { d: 1 } }\nc: { <<: *x, b: { e: 1 } }\n',
  ],
  ['a new key in JSON, which is also YAML', '{"a":{"b":1}}', ['a', 'c'], 'x', '{"a":{"b":1, c: x}}'],
  ['a new key in a file with document markers', '---\na: 1\n...\n', ['b'], 2, '---\na: 1\nb: 2\n...\n'],
];

const REMOVALS: readonly (readonly [what: string, before: string, path: Path, after: string])[] = [
  ['a line with its comments', 'a: 1\n# b\n# b\nb: 2 # c\nc: 3\n', ['b'], 'a: 1\nc: 3\n'],
  ['a key, not a separate comment', 'a: 1\n# b\n\nb: 2\nc: 3\n', ['b'], 'a: 1\n# b\n\nc: 3\n'],
  [
    'a key, but not a comment in another column',
    'x:\n  a: 1\n    # b\n  b: 2\n  c: 3\n',
    ['x', 'b'],
    'x:\n  a: 1\n    # b\n  c: 3\n',
  ],
  ['an entry, not a fake comment', 'x: [\n  "a\n  # b",\n  b,\n]\n', ['x', 1], 'x: [\n  "a\n  # b",\n]\n'],
  ['a key, but not the first comment of the file', '# file\na: 1\nb: 2\n', ['a'], '# file\nb: 2\n'],
  ['comments below with deeper indentation', 'a:\n  b: 1\n\n  # c\n# d\ne: 1\n', ['a'], '# d\ne: 1\n'],
  ['the first line', 'a: 1\nb: 2\n', ['a'], 'b: 2\n'],
  ['the last lines, without a line break', 'a: 1\n\n# b\nb: 2', ['b'], 'a: 1'],
  ['the last line, without a line break', 'a: 1\nb: 2', ['b'], 'a: 1'],
  ['a block', 'a: |\n  x\n\nb: 2\n', ['a'], '\nb: 2\n'],
  ['a block map with its comments', 'a: # c\n  # d\n  b: 1\n  e: 2\n# f\nb: 2\n', ['a'], '# f\nb: 2\n'],
  ['an explicit key', '? a\n: 1\nb: 2\n', ['a'], 'b: 2\n'],
  ['an empty value', 'a:\nb: 2\n', ['a'], 'b: 2\n'],
  ['maps that become empty', 'a: 1\nb: # c\n  d: { e: 1 } # f\n# g\n', ['b', 'd', 'e'], 'a: 1\n# g\n'],
  ['an empty map with the comment above', 'b:\n  # c\n  d: 1\ne: 2\n', ['b', 'd'], 'e: 2\n'],
  ['only a key below a comment', 'b:\n  # c\n\n  d: 1\ne: 2\n', ['b', 'd'], 'b: {}\n  # c\n\ne: 2\n'],
  ['only a key above a comment', 'b: # c\n  d: 1\n\n  # f\ne: 2\n', ['b', 'd'], 'b: {} # c\n\n  # f\ne: 2\n'],
  ['only a key after a comment in braces', 'b: { # c\n  d: 1 }\ne: 2\n', ['b', 'd'], 'b: { # c\n  }\ne: 2\n'],
  ['only a key before a comment in braces', 'b: {\n  d: 1, # c\n  # f\n}\n', ['b', 'd'], 'b: {\n  # f\n}\n'],
  ['a list that becomes empty', 'a: 1\nb:\n  - 1\n', ['b', 0], 'a: 1\n'],
  ['the only value of a file', '# c\na:\n  b: 1\n', ['a', 'b'], '# c\n'],
  ['the first key of a flow map', 'a: { b: 1, c: 2, d: 3 }\n', ['a', 'b'], 'a: { c: 2, d: 3 }\n'],
  ['the middle key of a flow map', 'a: { b: 1, c: 2, d: 3 }\n', ['a', 'c'], 'a: { b: 1, d: 3 }\n'],
  ['the last key of a flow map', 'a: {b: 1, c: 2, d: 3}\n', ['a', 'd'], 'a: {b: 1, c: 2}\n'],
  ['the last key of a flow map before a comma', 'a: { b: 1, c: 2, }\n', ['a', 'c'], 'a: { b: 1, }\n'],
  [
    'a key on its own line',
    'a: {\n  b: 1, # c\n  # d\n  e: 2, # f\n  g: 3\n}\n',
    ['a', 'e'],
    'a: {\n  b: 1, # c\n  g: 3\n}\n',
  ],
  ['the last key on a line', 'a: {\n  b: 1, # c\n  g: 3 # d\n}\n', ['a', 'g'], 'a: {\n  b: 1, # c\n}\n'],
  ['a key before a line break', 'a: { b: 1, c: 2,\n  d: 3 }\n', ['a', 'c'], 'a: { b: 1,\n  d: 3 }\n'],
  ['a key after a line break', 'a: { b: 1,\n  d: 3 }\n', ['a', 'd'], 'a: { b: 1 }\n'],
  ['a key after a comment', 'a: { b: 1, # c\n  d: 3 }\n', ['a', 'd'], 'a: { b: 1, # c\n  }\n'],
  ['a key before a comment', 'a: { b: 1, c: 2, # c\n  d: 3 }\n', ['a', 'c'], 'a: { b: 1, # c\n  d: 3 }\n'],
  ['an entry of a block list', 'a:\n  - 1\n  # c\n  - 2 # d\n  - 3\n', ['a', 1], 'a:\n  - 1\n  - 3\n'],
  ['an entry of a flow list', 'a: [1, 2, 3]\n', ['a', 1], 'a: [1, 3]\n'],
  ['the first key of an entry', 'a:\n  - b: 1 # c\n    d: 2\n', ['a', 0, 'b'], 'a:\n  - d: 2\n'],
  [
    'the first key of an entry, with a comment after it',
    'a:\n  - b: 1\n    # c\n    d: 2\n',
    ['a', 0, 'b'],
    'a:\n  -\n    # c\n    d: 2\n',
  ],
  [
    'the only key of one of several entries',
    'a:\n  - b: 1 # c\n  - d: 2\n',
    ['a', 0, 'b'],
    'a:\n  - {} # c\n  - d: 2\n',
  ],
  ['nothing for a missing key', 'a: 1\n', ['b', 'c'], 'a: 1\n'],
  [
    'nothing for a key from a merge key',
    'a: &x { b: 1 }\nc:\n  <<: *x\n',
    ['c', 'b'],
    'a: &x { b: 1 }\nc:\n  <<: *x\n',
  ],
  [
    "a map's own key that overrides a merge key",
    'a: &x { b: 1 }\nc:\n  <<: *x\n  b: 2\n',
    ['c', 'b'],
    'a: &x { b: 1 }\nc:\n  <<: *x\n',
  ],
];

for (const [what, before, path, value, after] of SETTINGS) {
  test(`sets ${what}`, () => {
    assert.is(withValue(new Source('f', before), path, value).text, after);
    assert.is(withValue(new Source('f', after), path, value).text, after);
    const crlf = (text: string) => text.replaceAll('\n', '\r\n');
    if (before.includes('\n'))
      assert.is(withValue(new Source('f', crlf(before)), path, value).text, crlf(after));
  });
}

for (const [what, before, path, after] of REMOVALS) {
  test(`removes ${what}`, () => {
    assert.is(withoutValue(new Source('f', before), path).text, after);
    const crlf = (text: string) => text.replaceAll('\n', '\r\n');
    assert.is(withoutValue(new Source('f', crlf(before)), path).text, crlf(after));
  });
}

test('keeps the given number of outermost maps', () => {
  assert.is(
    withoutValue(new Source('f', 'a:\n  b: # c\n    d: 1\n'), ['a', 'b', 'd'], 2).text,
    'a:\n  b: {} # c\n',
  );
  assert.is(withoutValue(new Source('f', 'a:\n  b: { d: 1 }\n'), ['a', 'b', 'd'], 2).text, 'a:\n  b: {}\n');
  assert.is(
    withoutValue(new Source('f', 'a:\n  b: { d: 1 }\ne: 1\n'), ['a', 'b', 'd'], 1).text,
    'a: {}\ne: 1\n',
  );
});

const REFUSALS: readonly (readonly [
  before: string,
  path: Path,
  value: Value | undefined,
  at: string,
  reason: RegExp,
])[] = [
  [
    'a: &x { b: { c: 1 } }\nd:\n  <<: *x\n',
    ['d', 'b', 'c'],
    2,
    'b: { c: 1 }',
    /^d\.b comes from the merge key <</,
  ],
  [
    'a: &x { b: { c: 1 } }\nd: { <<: [*x] }\n',
    ['d', 'b', 'c'],
    2,
    'b: { c: 1 }',
    /^d\.b comes from the merge key <</,
  ],
  ['a: &x { b: 1 }\nd: *x\n', ['d', 'b'], 2, '*x', /^d is the alias \*x: replace it/],
  ['a: &x { b: 1 }\nd: *x\n', ['a', 'b'], 2, '*x', /^the value of a is also used here as \*x/],
  ['a: &x { b: 1 }\nd: *x\n', ['a', 'c'], 2, '*x', /^the value of a is also used here/],
  ['a: &x { b: 1 }\nd: *x\n', ['a', 'b'], undefined, '*x', /^the value of a is also used here/],
  ['a: &x 1\nd: *x\n', ['a'], 2, '*x', /^the value of a is also used here/],
  ['a: { b: &x 1 }\nd: *x\n', ['a'], 2, '*x', /^the value of a is also used here/],
  ['a: 1\n', ['a', 'b'], 2, '1', /^a is not a map: set it whole to add b/],
  ['a: { b: 1 }\n', ['a', 0], 2, '{ b: 1 }', /^a is a map, not a list/],
  ['a: [1]\n', ['a', 'b'], 2, '[1]', /^a is a list, not a map/],
  ['a: [1]\n', ['a', 2], 2, '[1]', /^a has 1 entries: the next one is a\[1\]/],
  ['a: !!str x\n', ['a'], 2, 'a: !!str x', /^it cannot be edited in place/],
  ['? a\nb: 1\n', ['a'], 2, '? a', /^it cannot be edited in place/],
  ['a: [\n', ['a'], 2, '', /^this is not YAML/],
  ['%YAML 1.1\n---\na: 1\n', ['a'], '12:30', 'a: 1', /^it cannot be edited in place/],
];

for (const [before, path, value, at, reason] of REFUSALS) {
  test(`refuses ${JSON.stringify(before)}, ${path.join('.')}`, () => {
    const source = new Source('f', before);
    try {
      if (value === undefined) withoutValue(source, path);
      else withValue(source, path, value);
    } catch (error) {
      assert.instance(error, EditRefusal);
      const { message, at: location } = error as EditRefusal;
      assert.match(message, reason);
      assert.is(location.source, source);
      assert.is(before.slice(location.start, location.end), at);
      return;
    }
    assert.unreachable('it was edited');
  });
}

test('replaces a value with an anchor that only the value itself uses', () => {
  assert.is(withValue(new Source('f', 'a: { b: &x 1, c: *x }\n'), ['a'], 2).text, 'a: 2\n');
});

test('finds a value, except one from a merge key', () => {
  const source = new Source('f', 'a: &x { b: 1 }\nc:\n  <<: *x\n  d:\n  e:\n    f: 1\n');
  const text = (at: ReturnType<typeof findValue>) => at && source.text.slice(at.start, at.end);
  assert.is(text(findValue(source, ['a', 'b'])), '1');
  assert.is(text(findValue(source, ['c', 'd'])), 'd:');
  assert.is(text(findValue(source, ['c', 'e'])), 'f: 1');
  assert.is(text(findValue(source, ['c', 'b'])), undefined);
});

test.run();
