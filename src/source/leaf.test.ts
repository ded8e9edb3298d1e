import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseYaml } from '../inventory/parse.ts';
import { Report } from './diagnostics/report.ts';
import { leavesBelow, type Path, pathText } from './leaf.ts';
import { located, markDerived, selfLocation, setLocation } from './origin.ts';
import { Source } from './source.ts';

const test = suite('leaves');

test('are the scalars of maps and lists, in their order, each with its own location', () => {
  assert.equal(found('b: [x, {c: 1}]\na:\n  d.e/f: true\n  list:\n    - - "2"\n'), [
    ['root.b[0]', 'x', '1:5', undefined],
    ['root.b[1].c', 1, '1:12', undefined],
    ['root.a.d.e/f', true, '3:10', undefined],
    ['root.a.list[0][0]', '2', '5:9', undefined],
  ]);
});

test('are also empty maps and lists', () => {
  assert.equal(found('a: {}\nb: []\n'), [
    ['root.a', {}, '1:4', undefined],
    ['root.b', [], '2:4', undefined],
  ]);
});

test('include falsy values, but not values that are missing because they are invalid', () => {
  const map = parsed('a: 0\nb: false\nc: ""\nd: [1, 2]\n');
  map.b = undefined;
  (map.d as unknown[])[0] = undefined;
  assert.equal(leaves(map), [
    ['root.a', 0, '1:4', undefined],
    ['root.c', '', '3:4', undefined],
    ['root.d[1]', 2, '4:8', undefined],
  ]);
});

test('that are derived have their own description, else that of their container', () => {
  const map = parsed('list: [x]\nmap: {a: 1, b: 2}\n');
  markDerived(map, 'list', 'by the list');
  markDerived(map, 'map', 'by the map');
  markDerived(map.map as object, 'b', 'by itself');
  assert.equal(leaves(map), [
    ['root.list[0]', 'x', '1:8', 'by the list'],
    ['root.map.a', 1, '2:10', 'by the map'],
    ['root.map.b', 2, '2:16', 'by itself'],
  ]);
});

test('without a location have that of their container', () => {
  const map = parsed('list: [x]\n');
  map.list = ['y', { z: 1 }];
  assert.equal(leaves(map), [
    ['root.list[0]', 'y', '1:7', undefined],
    ['root.list[1].z', 1, '1:7', undefined],
  ]);
});

test('without a source in the inventory have no location, even if their container has one', () => {
  const holder = parsed('map: {a: 1}\n');
  const inner: Record<string, unknown> = located(Object.create(null), selfLocation(holder));
  inner.constant = 1;
  markDerived(inner, 'constant', 'by harvgen');
  holder.map = inner;
  assert.equal(leaves(holder), [['root.map.constant', 1, undefined, 'by harvgen']]);
});

test('are written as readable paths', () => {
  const paths: [Path, string][] = [
    [['mode'], 'mode'],
    [['nics', 0, 'name'], 'nics[0].name'],
    [['labels', 'topology.kubernetes.io/zone'], 'labels.topology.kubernetes.io/zone'],
    [['a', 1, 2], 'a[1][2]'],
  ];
  for (const [path, text] of paths) assert.is(pathText(path), text);
});

function found(text: string): unknown[] {
  return leaves(parsed(text));
}

function parsed(text: string): Record<string, unknown> {
  const map = parseYaml(new Source('test.yaml', text), new Report());
  assert.ok(map);
  return map as Record<string, unknown>;
}

function leaves(map: object): unknown[] {
  const holder = located({ root: map }, selfLocation(map));
  setLocation(holder, 'root', selfLocation(map));
  return [...leavesBelow(holder, 'root')].map(({ path, value, at, derived }) => {
    const { line, column } = at ? at.source.position(at.start) : { line: 0, column: 0 };
    const plain = typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value;
    return [pathText(path), plain, at ? `${line}:${column}` : undefined, derived];
  });
}

test.run();
