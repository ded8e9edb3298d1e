import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import {
  brokenKeys,
  isBroken,
  keyLocationOf,
  locationOf,
  markBroken,
  selfLocation,
  type ValueMap,
} from '../source/origin.ts';
import { Source } from '../source/source.ts';
import type { InventoryFile } from './files.ts';
import { layer } from './layer.ts';
import { parseYaml } from './parse.ts';
import { combine } from './read.ts';

const test = suite('combining files');

function file(path: string, text: string): InventoryFile {
  const content = parseYaml(new Source(path, text), new Report());
  assert.ok(content);
  return { path, content };
}

/** Combines files of text: /1.yaml, /2.yaml, … of the site, and the included /a.yaml, /b.yaml, …. */
function combined(own: readonly string[], included: readonly string[] = []) {
  const report = new Report();
  const value = combine(
    {
      own: own.map((text, index) => file(`/${index + 1}.yaml`, text)),
      included: included.map((text, index) => file(`/${'abc'[index]}.yaml`, text)),
    },
    report,
  );
  const found = report.sorted().map((diagnostic) => {
    const { code, message, file, line, column, related } = plainDiagnostic(diagnostic, '/');
    const others = related.map((at) => ` (${at.message} ${at.file}:${at.line}:${at.column})`);
    return `${file}:${line}:${column} ${code} ${message}${others.join('')}`;
  });
  return { value, found };
}

/** Returns a value without its source locations. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Returns the file and line of a key's value. */
function from(map: ValueMap, key: string): string {
  const { source, start } = locationOf(map, key);
  return `${source.file}:${source.position(start).line}`;
}

test('the includes of every file are kept for validation, with their locations', () => {
  const { value } = combined(
    ['include: [a.yaml]\n', 'x: 1\n', 'include: [5]\n'],
    ['include: [b.yaml, ""]\n', 'y: 1\n'],
  );
  assert.equal(plain(value.include), ['a.yaml', 5, 'b.yaml', '']);
  assert.equal(
    [0, 1, 2, 3].map((index) => from(value.include as unknown as ValueMap, String(index))),
    ['/1.yaml:1', '/3.yaml:1', '/a.yaml:1', '/a.yaml:1'],
  );
});

test('an include that is not a list is kept for validation, in any file', () => {
  const { value } = combined(['include: [a.yaml]\n'], ['include: b.yaml\n']);
  assert.is(value.include, 'b.yaml');
  assert.is(from(value, 'include'), '/a.yaml:1');
});

test("a site's files complement each other", () => {
  const { value, found } = combined([
    'site: x\nnodes:\n  n1: { mac: a }\n',
    'nodes:\n  n2: { mac: b }\n',
    'nodes:\n  n1: { ip: c }\nprofiles: {}\n',
  ]);
  assert.equal(found, []);
  assert.equal(plain(value), {
    site: 'x',
    nodes: { n1: { mac: 'a', ip: 'c' }, n2: { mac: 'b' } },
    profiles: {},
  });
});

test('each value records its file', () => {
  const { value } = combined(['nodes:\n  n1: { mac: a }\n', '\nnodes:\n  n1: { ip: c }\n  n2: { mac: b }\n']);
  const nodes = value.nodes as ValueMap;
  assert.is(from(nodes, 'n2'), '/2.yaml:4');
  assert.is(from(nodes.n1 as ValueMap, 'mac'), '/1.yaml:2');
  assert.is(from(nodes.n1 as ValueMap, 'ip'), '/2.yaml:3');
  assert.is(selfLocation(value).source.file, '/1.yaml');
});

test('the same leaf in two files is an error with both locations', () => {
  const { value, found } = combined(['a: { b: 1 }\n', '\na: { b: 2, c: 3 }\n']);
  assert.equal(found, [
    '2.yaml:2:6 set-twice a.b is set in two files of the site: only one value can apply. (the other is at 1.yaml:1:6)',
  ]);
  assert.equal(plain(value), { a: { b: 1, c: 3 } });
});

test('the same leaf with the same value is an error too', () => {
  assert.is(combined(['site: x\n', 'site: x\n']).found.length, 1);
});

test('the same leaf in three files is reported twice, with the first', () => {
  assert.equal(combined(['a: 1\n', 'a: 2\n', 'a: 3\n']).found, [
    '2.yaml:1:1 set-twice a is set in two files of the site: only one value can apply. (the other is at 1.yaml:1:1)',
    '3.yaml:1:1 set-twice a is set in two files of the site: only one value can apply. (the other is at 1.yaml:1:1)',
  ]);
});

test('lists do not merge: one in two files is an error', () => {
  const { value, found } = combined(['a: { dns: [1] }\n', 'a: { dns: [2] }\n']);
  assert.equal(found, [
    '2.yaml:1:6 set-twice a.dns is set in two files of the site: only one value can apply. (the other is at 1.yaml:1:6)',
  ]);
  assert.equal(plain(value), { a: { dns: [1] } });
});

test('a map in one file and something else in another is an error', () => {
  for (const other of ['text', '[1]', '']) {
    assert.equal(combined(['a: { b: 1 }\n', `a: ${other}\n`]).found, [
      '2.yaml:1:1 set-twice a is set in two files of the site: only one value can apply. (the other is at 1.yaml:1:1)',
    ]);
    assert.is(combined([`a: ${other}\n`, 'a: { b: 1 }\n']).found.length, 1);
  }
});

test('every file may include others', () => {
  assert.equal(combined(['include: [x.yaml]\n', 'include: [y.yaml]\n']).found, []);
});

test('include below the root is an ordinary key', () => {
  assert.is(combined(['a: { include: [x] }\n', 'a: { include: [y] }\n']).found.length, 1);
});

test('included files are lower layers, a later one above an earlier one', () => {
  const { value, found } = combined(
    ['a: { x: own }\n'],
    ['a: { x: first, y: first, z: first }\n', 'a: { y: second }\n'],
  );
  assert.equal(found, []);
  assert.equal(plain(value), { a: { x: 'own', y: 'second', z: 'first' } });
  const a = value.a as ValueMap;
  assert.equal([from(a, 'x'), from(a, 'y'), from(a, 'z')], ['/1.yaml:1', '/b.yaml:1', '/a.yaml:1']);
});

test('combining changes none of the files', () => {
  const files = {
    own: [file('/1.yaml', 'a: { b: { c: 1 } }\n'), file('/2.yaml', 'a: { b: { d: 2 } }\n')],
    included: [file('/a.yaml', 'a: { b: { e: 3 } }\n')],
  };
  const before = plain(files.own.map(({ content }) => content));
  combine(files, new Report());
  assert.equal(plain(files.own.map(({ content }) => content)), before);
  assert.equal(plain(files.included[0]?.content), { a: { b: { e: 3 } } });
});

test('a map that an alias shares is changed in only one location', () => {
  const { value } = combined(['a: &x { b: { c: 1 } }\nd: *x\n', 'a: { b: { e: 2 } }\n']);
  assert.equal(plain(value), { a: { b: { c: 1, e: 2 } }, d: { b: { c: 1 } } });
});

test('keys that every object has are added like other keys', () => {
  const { value, found } = combined(
    ['a: 1\n', '__proto__: { polluted: 1 }\nconstructor: 2\n'],
    ['toString: 3\n'],
  );
  assert.equal(found, []);
  assert.equal(Object.keys(value).sort(), ['__proto__', 'a', 'constructor', 'toString']);
  assert.is(({} as Record<string, unknown>).polluted, undefined);
});

const lower = () => file('/lower.yaml', 'm: { a: 1, b: 1 }\nlist: [1, 2]\ntext: low\nonly: low\n').content;
const upper = () => file('/upper.yaml', 'm: { b: 2, c: 2 }\nlist: [3]\ntext: high\n').content;

test('layers: maps merge by key, lists and values are replaced', () => {
  assert.equal(plain(layer(lower(), upper())), {
    m: { a: 1, b: 2, c: 2 },
    list: [3],
    text: 'high',
    only: 'low',
  });
});

test('layers: each value keeps its origin', () => {
  const result = layer(lower(), upper()) as ValueMap;
  const m = result.m as ValueMap;
  assert.equal(
    [from(result, 'list'), from(result, 'text'), from(result, 'only')],
    ['/upper.yaml:2', '/upper.yaml:3', '/lower.yaml:4'],
  );
  assert.equal(
    [from(m, 'a'), from(m, 'b'), from(m, 'c')],
    ['/lower.yaml:1', '/upper.yaml:1', '/upper.yaml:1'],
  );
  assert.is(keyLocationOf(m, 'a').source.file, '/lower.yaml');
});

test('layers: a value that replaces a map, or is replaced by one, is not merged', () => {
  const map = file('/a.yaml', 'k: { a: 1 }\n').content;
  const text = file('/b.yaml', 'k: text\n').content;
  assert.equal(plain(layer(map, text)), { k: 'text' });
  assert.equal(plain(layer(text, map)), { k: { a: 1 } });
});

test('layers: neither layer is changed', () => {
  const below = lower();
  const above = upper();
  const before = plain([below, above]);
  layer(below, above);
  assert.equal(plain([below, above]), before);
});

test('layers: a broken key of the lower layer is unknown, unless the upper layer sets it', () => {
  const below = lower();
  delete below.text;
  markBroken(below, 'text');
  delete below.only;
  markBroken(below, 'only');
  const result = layer(below, upper()) as ValueMap;
  assert.is(result.text, 'high');
  assert.ok(isBroken(result, 'only'));
});

test('layers: a broken key of the upper layer hides the lower one', () => {
  const above = upper();
  markBroken(above, 'only');
  const result = layer(lower(), above) as ValueMap;
  assert.is(result.only, undefined);
  assert.equal(brokenKeys(result), ['only']);
});

test.run();
