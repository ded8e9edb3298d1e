import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { listFolder } from './find-yaml.ts';

const test = suite('files below a directory');

const scratch = scratchFolder();

/** Lists a directory by find. */
function byFind(folder: string): string[] {
  const notEntered = ['(', '-path', `${folder}/templates`, '-o', '-path', `${folder}/files`];
  const args = [folder, '-mindepth', '1', ...notEntered, '-o', '-name', 'node_modules', ')', '-prune', '-o'];
  const hidden = ['-path', `${folder}/*/.*/*`, '-o', '-path', `${folder}/.*/*`];
  const kinds = ['-type', 'l', '-printf', '%p is broken\\n', '-o', '!', '-type', 'd', '-print'];
  const output = execFileSync('find', ['-L', ...args, '(', ...hidden, ')', '-prune', '-o', ...kinds]);
  return String(output).split('\n').slice(0, -1).sort();
}

function listed(folder: string): string[] {
  return listFolder(folder)
    .entries.map(({ path, isBrokenLink }) => `${path}${isBrokenLink ? ' is broken' : ''}`)
    .sort();
}

/** Returns paths without links, each once: find lists the files of a directory by each of its paths. */
function realPaths(paths: readonly string[]): string[] {
  const real = paths.map((path) => join(realpathSync(dirname(path)), basename(path)));
  return [...new Set(real)].sort();
}

test('are the files that find(1) finds', () => {
  const name = fc.constantFrom(
    'a',
    'b',
    '.c',
    'templates',
    'files',
    'node_modules',
    'x.yaml',
    '.y.yaml',
    'z',
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  const entry = fc.oneof(
    fc.record({ path, target: fc.constant(undefined) }),
    fc.record({
      path,
      target: fc.constantFrom('none', '../none', '/nonexistent', '/dev/null', '/etc/hostname'),
    }),
    fc.record({ path, target: fc.constantFrom('/outside', '/outside/in') }),
  );
  const outside = join(scratch, 'outside');
  mkdirSync(join(outside, 'in/.d/e'), { recursive: true });
  for (const file of ['o.yaml', 'in/i.yaml', 'in/.d/d.yaml', 'in/.d/e/e.yaml'])
    writeFileSync(join(outside, file), '');
  let cases = 0;
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      cases += 1;
      const folder = join(scratch, `site-${cases}`);
      mkdirSync(folder);
      // Links last: no file is written through a link.
      for (const { path, target } of entries) if (target === undefined) make(join(folder, path));
      for (const { path, target } of entries)
        if (target !== undefined && !entries.some((one) => one.target && path.startsWith(`${one.path}/`)))
          make(join(folder, path), target.replace('/outside', outside));
      assert.equal(realPaths(listed(folder)), realPaths(byFind(folder)));
      rmSync(folder, { recursive: true });
    }),
    { seed: 1, numRuns: 150 },
  );
});

test('a link back is followed once', () => {
  const folder = join(scratch, 'loop');
  mkdirSync(join(folder, 'deep'), { recursive: true });
  writeFileSync(join(folder, 'a.yaml'), '');
  symlinkSync('.', join(folder, 'again'));
  symlinkSync('..', join(folder, 'deep/back'));
  const { entries, hasLinks } = listFolder(folder);
  assert.ok(hasLinks);
  const paths = entries.map(({ path }) => path.slice(folder.length + 1));
  assert.equal(paths, ['a.yaml']);
});

test('each directory is listed once, by its shortest path, then by the first', () => {
  const folder = join(scratch, 'web');
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  for (const name of names) {
    mkdirSync(join(folder, 'deep', name), { recursive: true });
    writeFileSync(join(folder, 'deep', name, `${name}.yaml`), '');
  }
  for (const name of names)
    for (const other of names) symlinkSync(`../${other}`, join(folder, 'deep', name, `to-${other}`));
  symlinkSync('deep/c', join(folder, 'z'));
  symlinkSync('deep/c', join(folder, 'y'));
  const paths = listed(folder).map((path) => path.slice(folder.length + 1));
  assert.equal(paths, [
    ...names.filter((name) => name !== 'c').map((name) => `deep/${name}/${name}.yaml`),
    'y/c.yaml',
  ]);
});

test.run();

/** Creates a file or a link, unless a path is in the way. */
function make(path: string, target?: string): void {
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    if (target === undefined) writeFileSync(path, '');
    else symlinkSync(target, path);
  } catch {
    // A file instead of a directory, or an existing entry.
  }
}
