import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../../site/model.ts';
import { treeParts } from './config-maps.ts';

const test = suite('the parts of a tree');
const SITE = { name: 'plant' } as Site;

/** Files of a tree, in their order. */
const files = (count: number, content = 'x'.repeat(4000)) =>
  Array.from({ length: count }, (_, index) => ({ path: `www/${String(index).padStart(4, '0')}`, content }));

const names = (tree: ReturnType<typeof files>) => treeParts(SITE, tree).map(({ name }) => name);

test('have all files once, in their order, and no more than kubectl keeps in an annotation', () => {
  const tree = files(1000);
  const parts = treeParts(SITE, tree);
  assert.equal(
    parts.flatMap(({ items }) => items.map(({ path }) => path)),
    tree.map(({ path }) => path),
  );
  for (const { data } of parts) assert.ok(Object.values(data).join('').length <= 128 * 1024);
  assert.ok(parts.length < 100, `${parts.length} parts`);
  assert.is(new Set(parts.map(({ name }) => name)).size, parts.length);
  assert.is(new Set(parts.map(({ file }) => file)).size, parts.length);
});

test('are others where what they hold is, and only these', () => {
  const tree = files(1000);
  const before = names(tree);
  assert.equal(names(files(1000)), before);
  const less = names(tree.filter((_, index) => index !== 300)).filter((name) => !before.includes(name));
  assert.ok(less.length >= 1 && less.length <= 4, `${less.length} of ${before.length} are new`);
  const edited = tree.map((file, index) => (index === 300 ? { ...file, content: 'y' } : file));
  assert.ok(names(edited).filter((name) => !before.includes(name)).length <= 4);
});

test('hold an empty file, and one that is larger than a part alone', () => {
  const tree = [...files(2, ''), { path: 'www/large', content: 'x'.repeat(500_000) }, ...files(1)];
  const parts = treeParts(SITE, tree);
  assert.is(parts.flatMap(({ items }) => items).length, 4);
  assert.is(parts.find(({ items }) => items.some(({ path }) => path === 'www/large'))?.items.length, 1);
});

test.run();
