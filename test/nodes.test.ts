// needs: npm
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgen, runOf } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

/* The package by each release of Node that it supports, and the executable, which contains one. */

const test = suite('the releases of Node, and the executable');

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const SITES = 'sites/*';
const ERRORS = 'site: plant\nserver: { url: 7 }\nnodes: { a: { ip: 1.2.3, mac: x, frob: 1 } }\n';

const NODES: readonly (readonly [release: string, node: string])[] = JSON.parse(
  String(execFileSync(process.execPath, ['scripts/nodes.mjs'], { cwd: root })),
);

test('engines names the oldest release that the tests use', () => {
  const oldest = engines.node.replace('>=', '');
  assert.ok(NODES.some(([release]) => release === `${oldest}.0`));
});

for (const [release, node] of NODES)
  test(`Node ${release} builds the samples with the same bytes, and reports the same errors`, () => {
    const by = (args: string[], cwd: string) =>
      spawnSync(node, [BIN, ...args], {
        cwd,
        encoding: 'utf8',
        env: { HOME: cwd, PATH: process.env.PATH },
      });
    const [, line = ''] = by(['--version'], root).stdout.split(' node-v');
    assert.ok(release === 'latest' || line.startsWith(release), line);
    const build = by(['build', '--check', SITES], root);
    assert.is(build.status, 0, build.stderr);
    const home = dirname(makeSite(ERRORS));
    assert.is(by(['check', 'plant'], home).stderr, harvgen(['check', 'plant'], home).stderr);
  });

test('the executable works without Node and other files', () => {
  const program = String(
    execFileSync(process.execPath, ['scripts/build-executable.mjs', scratchFolder()], { cwd: root }),
  ).trim();
  const empty = scratchFolder();
  const run = (args: string[], cwd: string) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd,
      encoding: 'utf8',
      env: { PATH: empty, HOME: empty },
    });
    return { code: status, stdout, stderr };
  };
  assert.match(run(['--version'], empty).stdout, `harvgen/${version} `);
  assert.is(run(['build', '--check', SITES], root).code, 0);
  for (const args of [
    ['rules'],
    ['template'],
    ['template', 'ipxe/node.ipxe'],
    ['schema', 'v1.6.1'],
    ['nothing'],
  ])
    assert.equal(run(args, empty), runOf(BIN, args, empty), args.join(' '));
  const [ours, theirs] = [dirname(makeSite(PLANT)), dirname(makeSite(PLANT))];
  for (const args of [
    ['check', 'pl*'],
    ['report', 'plant'],
    ['build', 'plant'],
  ])
    assert.equal(run(args, ours), runOf(BIN, args, theirs), args.join(' '));
  assert.equal(readTree(ours), readTree(theirs));
  // No editor can read the schema in the executable.
  mkdirSync(join(ours, 'sites'));
  assert.is(run(['init', 'sites/b'], ours).code, 0);
  assert.ok(readFileSync(join(ours, 'sites/b/site.yaml'), 'utf8').startsWith('# The site b.'));
});

test.run();
