import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Site } from '../../site/model.ts';
import { plainDiagnostic } from '../../source/diagnostics/formats.ts';
import { configMapKey, treeParts } from './pod.ts';

const test = suite('the parts of a tree');
const SITE = { name: 'plant' } as Site;

/** Files of a tree, in their order. */
const files = (count: number, content = 'x'.repeat(4000)) =>
  Array.from({ length: count }, (_, index) => ({ path: `www/${String(index).padStart(4, '0')}`, content }));

const names = (tree: ReturnType<typeof files>) => treeParts(SITE, tree).map(({ name }) => name);

test('contain each file once, in order, and fit into the annotation of kubectl', () => {
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

test('change only with their content', () => {
  const tree = files(1000);
  const before = names(tree);
  assert.equal(names(files(1000)), before);
  const less = names(tree.filter((_, index) => index !== 300)).filter((name) => !before.includes(name));
  assert.ok(less.length >= 1 && less.length <= 4, `${less.length} of ${before.length} are new`);
  const edited = tree.map((file, index) => (index === 300 ? { ...file, content: 'y' } : file));
  assert.ok(names(edited).filter((name) => !before.includes(name)).length <= 4);
});

test('contain empty files, and a large file separately', () => {
  const tree = [...files(2, ''), { path: 'www/large', content: 'x'.repeat(500_000) }, ...files(1)];
  const parts = treeParts(SITE, tree);
  assert.is(parts.flatMap(({ items }) => items).length, 4);
  assert.is(parts.find(({ items }) => items.some(({ path }) => path === 'www/large'))?.items.length, 1);
});

test.run();

const key = suite('configMapKey');

key('returns the path in valid characters', () => {
  assert.is(configMapKey('www/ipxe/52-54-00-aa-01-01.ipxe'), 'www__ipxe__52-54-00-aa-01-01.ipxe');
  assert.is(configMapKey('www/a b_ü:x'), 'www__a_20b_5f_c3_bc_3ax');
});

key('returns another key for each path', () => {
  const long = 'www/'.padEnd(300, 'x');
  const paths = ['a/b', 'a__b', 'a_2fb', 'a_b', 'a//b', `${long}1`, `${long}2`, 'a😀', 'a\u{1f601}'];
  const keys = paths.map(configMapKey);
  assert.is(new Set(keys).size, paths.length);
  for (const key of keys) assert.match(key, /^[-._a-zA-Z0-9]{1,253}$/);
});

key.run();

const size = suite('the size limits of ConfigMaps');

/** Compiles a site with site files; returns its diagnostics: code, the end of the file's path, line and message. */
async function reported(files: Readonly<Record<string, string>>, kubernetes = ''): Promise<string[]> {
  const pods = `server:\n  kubernetes: { media_claim: media${kubernetes} }\n`;
  const { diagnostics } = await compile(
    makeSite({ 'site.yaml': edited(PLANT, ['server:\n', pods]), ...files }),
  );
  return diagnostics.map((diagnostic) => {
    const { code, file, line, message } = plainDiagnostic(diagnostic, '/');
    return `${code} ${file.split('/plant/')[1]}:${line} ${message}`;
  });
}

const LARGE = { 'files/www/large.txt': 'x\n'.repeat(520_000) };

size('reports a file that is too large, unless an image contains the tree', async () => {
  assert.equal(await reported(LARGE), [
    'kubernetes-too-large files/www/large.txt:1 www/large.txt is too large for a ConfigMap of 1 MiB: pods cannot serve it.',
  ]);
  assert.equal(await reported(LARGE, ', image: registry.plant/boot:1'), []);
  assert.equal(await reported({ 'files/large.txt': LARGE['files/www/large.txt'] }), []);
});

size('reports too many files, and a total that is too large', async () => {
  const many = (count: number, text: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`files/www/${index}.txt`, text]));
  assert.equal(await reported(many(4000, 'x\n')), [
    'kubernetes-too-large site.yaml:5 The tree has 4010 files with 1 MiB for pods to serve: ConfigMaps must not exceed 4000 files and 16 MiB.',
  ]);
  assert.match((await reported(many(17, 'x\n'.repeat(500_000))))[0] ?? '', 'with 17 MiB for pods to serve');
  assert.equal(await reported(many(15, 'x\n'.repeat(500_000))), []);
});

size.run();
