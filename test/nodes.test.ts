// needs: objdump
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgen, type Run, runOf } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

/*
 * The package by each release of Node that it supports, and the executable, which contains one. `npm run test:nodes` installs these
 * releases; before, the tests are skipped.
 */

const test = suite('the releases of Node, and the executable');

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const PAGE = readFileSync(join(root, 'docs/how-to/install.md'), 'utf8');
const SITES = 'sites/*';
const ERRORS = 'site: plant\nserver: { url: 7 }\nnodes: { a: { ip: 1.2.3, mac: x, frob: 1 } }\n';
/** A session of an editor that starts and ends: the language server is the only part that was CommonJS. */
const SESSION = [
  { id: 1, method: 'initialize', params: { processId: null, rootUri: null, capabilities: {} } },
  { id: 2, method: 'shutdown' },
  { method: 'exit' },
]
  .map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }))
  .map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`)
  .join('');

const NODES: [release: string, program: string | null][] = JSON.parse(
  String(execFileSync(process.execPath, ['scripts/nodes.mjs', '--installed'], { cwd: root })),
);
const [newest] = NODES.flatMap(([release, node]) => (release === 'latest' && node ? [node] : []));

/** Runs a program without the environment of the tests. Its cache is in a scratch directory. */
function runBare(program: string, args: readonly string[], cwd: string, input = ''): Run {
  const home = scratchFolder();
  const env = { HOME: home, PATH: home };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env, input });
  return { code: status, stdout, stderr };
}

/** Returns the glibc that a program needs, and its libraries that are not in a minimal Debian, as the page on installation names them. */
function requirementsOf(program: string): string[] {
  const found = execFileSync('objdump', ['-p', program], { encoding: 'utf8' });
  const glibc = Array.from(found.matchAll(/ GLIBC_2\.(\d+)$/gm), ([, minor]) => Number(minor));
  const libraries = Array.from(found.matchAll(/^ +NEEDED +(\S+)$/gm), ([, name = '']) => name);
  const others = libraries.filter((name) => !/^(ld-linux|libc|libdl|libm|libpthread|libgcc_s)\b/.test(name));
  const all = [`glibc 2.${Math.max(...glibc)}`, ...others.sort()];
  for (const one of all) assert.match(PAGE, one);
  return all;
}

const served = runBare(process.execPath, [BIN, 'lsp'], scratchFolder(), SESSION);

test('engines names the oldest release that the tests use', () => {
  assert.is(NODES[0]?.[0], `${engines.node.replace('>=', '')}.0`);
});

test('the language server starts and ends', () => {
  assert.equal([served.code, served.stdout.includes('hoverProvider')], [0, true]);
});

for (const [release, node] of NODES)
  (node ? test : test.skip)(`Node ${release} writes the same bytes, and reports the same errors`, () => {
    const by = (args: string[], cwd: string, input?: string) =>
      runBare(node as string, [BIN, ...args], cwd, input);
    const [, line = ''] = by(['--version'], root).stdout.split(' node-v');
    assert.ok(release === 'latest' || line.startsWith(release), line);
    const build = by(['build', '--check', SITES], root);
    assert.is(build.code, 0, build.stderr);
    const home = dirname(makeSite(ERRORS));
    assert.is(by(['check', 'plant'], home).stderr, harvgen(['check', 'plant'], home).stderr);
    assert.equal(by(['lsp'], home, SESSION), served);
  });

(newest ? test : test.skip)('the executable works without Node and other files', () => {
  const program = String(
    execFileSync(process.execPath, ['scripts/build-executable.mjs', scratchFolder()], { cwd: root }),
  ).trim();
  assert.equal(requirementsOf(program), ['glibc 2.28', 'libatomic.so.1', 'libstdc++.so.6']);
  const empty = scratchFolder();
  assert.match(runBare(program, ['--version'], empty).stdout, `harvgen/${version} `);
  assert.is(runBare(program, ['build', '--check', SITES], root).code, 0);
  for (const args of [
    ['rules'],
    ['template'],
    ['template', 'ipxe/node.ipxe'],
    ['completion', 'fish'],
    ['schema', 'v1.6.1'],
    ['nothing'],
  ])
    assert.equal(runBare(program, args, empty), runOf(BIN, args, empty), args.join(' '));
  assert.equal(runBare(program, ['lsp'], empty, SESSION), served);
  const [ours, theirs] = [dirname(makeSite(PLANT)), dirname(makeSite(PLANT))];
  for (const args of [
    ['check', 'pl*'],
    ['check', '--format', 'json', 'plant'],
    ['report', 'plant'],
    ['build', 'plant'],
  ])
    assert.equal(runBare(program, args, ours), runOf(BIN, args, theirs), args.join(' '));
  assert.equal(readTree(ours), readTree(theirs));
  // No editor can read the schema in the executable.
  mkdirSync(join(ours, 'sites'));
  assert.is(runBare(program, ['init', 'sites/b'], ours).code, 0);
  assert.ok(readFileSync(join(ours, 'sites/b/site.yaml'), 'utf8').startsWith('# The site b.'));
});

test.run();
