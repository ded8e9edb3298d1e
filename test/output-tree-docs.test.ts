import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { everySite } from './support/every-site.ts';

const page = readFileSync(
  fileURLToPath(new URL('../docs/reference/output-tree.md', import.meta.url)),
  'utf8',
);
const test = suite('docs/reference/output-tree.md');

/** Returns the paths in the first column of all tables, each with the placeholders of the page. */
function listedPaths(): string[] {
  const rows = page.matchAll(/^\| (`.*?`) \|/gm);
  return Array.from(rows, ([, cell = '']) => cell).flatMap((cell) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ([, path = '']) => path),
  );
}

function patternOf(path: string, site: string): RegExp {
  const pattern = path
    .replace(/[.@]/g, '\\$&')
    .replaceAll('<site>', site)
    .replace('<mac>', '[0-9a-f]{2}(?:[-:][0-9a-f]{2}){5}')
    .replace('<key>', '(?:[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9]+(?:[.][0-9]+){3})')
    .replace('<uuid>', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
    .replace(/<\w+>/g, '[^/]+');
  return new RegExp(`^${pattern}$`);
}

test('lists every path of an output tree, each exactly once, and no other path', async () => {
  const listed = listedPaths();
  const found = new Set<string>();
  for (const folder of everySite()) {
    const { site, tree } = await compile(folder);
    assert.ok(site && tree, folder);
    const patterns = listed.map((path) => [path, patternOf(path, site.name)] as const);
    const own = new Set(site.files.map(({ path }) => path));
    for (const path of tree.keys()) {
      const matching = patterns.flatMap(([one, pattern]) => (pattern.test(path) ? one : []));
      if (own.has(path)) continue;
      assert.ok(matching.length > 0, path);
      for (const one of matching) found.add(one);
    }
  }
  assert.equal(
    listed.filter((path) => !found.has(path)),
    [],
  );
  assert.is(new Set(listed).size, listed.length);
});

test.run();
