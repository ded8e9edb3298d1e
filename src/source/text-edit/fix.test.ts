import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseObjects, parseYaml } from '../../inventory/parse.ts';
import { type Fix, Report } from '../diagnostics/report.ts';
import { locationOf, type ValueMap } from '../origin.ts';
import { Source } from '../source.ts';
import {
  editedText,
  moveKey,
  nearestOf,
  removeKey,
  replaceValue,
  safeFix,
  setKey,
  suggestedFix,
} from './fix.ts';

const test = suite('fixes of texts');

/** Returns the title of a fix of a text, and the text after it; without edits, undefined. */
function after(
  text: string,
  fixOf: (map: ValueMap) => Fix,
): readonly [title: string, text: string] | undefined {
  const source = new Source('/x.yaml', text);
  const map = parseYaml(source, new Report()) as ValueMap;
  const { title, edits } = fixOf(map);
  return edits.length === 0 ? undefined : [title, editedText(source, edits)];
}

/** Returns the map below keys of a map. */
function at(map: ValueMap, ...keys: readonly string[]): ValueMap {
  return keys.reduce((holder, key) => holder[key] as ValueMap, map);
}

type Case = readonly [
  what: string,
  before: string,
  fix: (map: ValueMap) => Fix,
  title: string,
  after: string,
];

const CASES: readonly Case[] = [
  [
    'a value keeps its comment, quotes and line ends',
    "a: 1\r\nb: 'x'  # why\r\n",
    (map) => safeFix(setKey(map, 'b', 'y')),
    'change x to y',
    "a: 1\r\nb: 'y'  # why\r\n",
  ],
  [
    'a key is added below the others',
    'a: { b: 1 }\nc:\n  # of c\n  d: 1 # one\n  # end\ne: 2\n',
    (map) => safeFix(setKey(at(map, 'c'), 'f', '10')),
    'add c.f: "10"',
    'a: { b: 1 }\nc:\n  # of c\n  d: 1 # one\n  f: "10"\n  # end\ne: 2\n',
  ],
  [
    'a key of a map in braces',
    'a: { b: 1 } # one\n',
    (map) => safeFix(setKey(at(map, 'a'), 'c', true)),
    'add a.c: true',
    'a: { b: 1, c: true } # one\n',
  ],
  [
    'neighboring keys are removed together',
    'a:\n  ab: 1\n  ac: 2\n  ad: 3\n',
    (map) => safeFix(removeKey(at(map, 'a'), 'ab'), removeKey(at(map, 'a'), 'ac')),
    'remove a.ab and remove a.ac',
    'a:\n  ad: 3\n',
  ],
  [
    'neighboring keys in braces are removed together',
    'a: { ab: 1, ac: 2, ad: 3 }\n',
    (map) => safeFix(removeKey(at(map, 'a'), 'ab'), removeKey(at(map, 'a'), 'ac')),
    'remove a.ab and remove a.ac',
    'a: { ad: 3 }\n',
  ],
  [
    'a map that becomes empty stays',
    'a:\n  # why\n  b: 1\nc: 2\n',
    (map) => safeFix(removeKey(at(map, 'a'), 'b')),
    'remove a.b',
    'a: {}\nc: 2\n',
  ],
  [
    'a key moves into another map',
    'n:\n  x:\n    os: { a: 1 } # one\n    b: 2\n  y: {}\n',
    (map) => suggestedFix(moveKey(at(map, 'n', 'x'), 'os', ['config', 'os'])),
    'move os to config.os',
    'n:\n  x:\n    b: 2\n    config:\n      os: { a: 1 }\n  y: {}\n',
  ],
  [
    'an alias becomes a value of its own',
    'a: &one 1\nb: *one\n',
    (map) => safeFix(setKey(map, 'b', 2)),
    'change *one to 2',
    'a: &one 1\nb: 2\n',
  ],
  [
    'a map becomes a list',
    'a:\n  b: 1\nc: 2\n',
    (map) => safeFix(replaceValue(locationOf(map, 'a'), ['x'])),
    'change a to [x]',
    'a: [x]\nc: 2\n',
  ],
  [
    'only the quotes change',
    'a: "110"\n',
    (map) => safeFix(replaceValue(locationOf(map, 'a'), 110)),
    'change "110" to 110',
    'a: 110\n',
  ],
  [
    'a number becomes a text',
    'a: 110\n',
    (map) => safeFix(replaceValue(locationOf(map, 'a'), '110')),
    'change 110 to "110"',
    'a: "110"\n',
  ],
  [
    'an unknown name becomes the nearest one',
    'a: "wroker"\n',
    (map) => nearestOf(locationOf(map, 'a'), String(map.a), ['worker', undefined, 'other']) as Fix,
    'change wroker to worker',
    'a: "worker"\n',
  ],
];

for (const [what, before, fixOf, title, text] of CASES)
  test(what, () => {
    assert.equal(after(before, fixOf), [title, text]);
  });

test('a fix has no edits where an anchor or a reference shares the value', () => {
  assert.is(
    after('a: &m\n  b: 1\nc: *m\n', (map) => safeFix(setKey(at(map, 'a'), 'd', 1))),
    undefined,
  );
  assert.is(
    after('a: &m\n  b: 1\nc: { <<: *m }\n', (map) => safeFix(removeKey(at(map, 'c'), 'b'))),
    undefined,
  );
  assert.is(
    after('a: "${secret:x}"\n', (map) => safeFix(setKey(map, 'a', 1))),
    undefined,
  );
  assert.is(
    after('a: 1\n', (map) => safeFix(removeKey(map, 'b'))),
    undefined,
  );
  assert.is(
    after('a:\n  # why\n  b: 1\n', (map) => suggestedFix(moveKey(map, 'a', ['c', 'a']))),
    undefined,
  );
  assert.is(
    after('a: 1\n', () => safeFix(undefined)),
    undefined,
  );
  assert.is(nearestOf({ source: new Source('', ''), start: 0, end: 0 }, 'x', ['worker']), undefined);
});

test('of several documents, one is edited', () => {
  const source = new Source(
    '/x.yaml',
    '# one\na: { b: 1 }\n---\na: { b: 2 } # two\n--- # three\na: { b: 3 }\n',
  );
  const [, second, third] = parseObjects(source, new Report()) as [ValueMap, ValueMap, ValueMap];
  const { title, edits } = safeFix(setKey(at(second, 'a'), 'c', 4));
  assert.equal(
    [title, editedText(source, edits)],
    ['add a.c: 4', '# one\na: { b: 1 }\n---\na: { b: 2, c: 4 } # two\n--- # three\na: { b: 3 }\n'],
  );
  assert.is(
    editedText(source, safeFix(removeKey(at(third, 'a'), 'b')).edits),
    '# one\na: { b: 1 }\n---\na: { b: 2 } # two\n--- # three\na: {}\n',
  );
});

test.run();
