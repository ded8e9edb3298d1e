// needs: objdump
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createProtocolConnection, type InitializeResult } from 'vscode-languageserver-protocol/node';
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
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const PAGE = readFileSync(join(root, 'docs/how-to/install.md'), 'utf8');
const SITES = 'sites/*';
const ERRORS = 'site: plant\nserver: { url: 7 }\nnodes: { a: { ip: 1.2.3, mac: x, frob: 1 } }\n';
const NODES: [release: string, program: string | null][] = JSON.parse(
  String(execFileSync(process.execPath, ['scripts/nodes.mjs', '--installed'], { cwd: root })),
);
const [newest] = NODES.flatMap(([release, node]) => (release === 'latest' && node ? [node] : []));

/** Runs a program without the environment of the tests. Its cache is in a scratch directory. */
function runBare(program: string, args: readonly string[], cwd: string): Run {
  const home = scratchFolder();
  const env = { HOME: home, PATH: home };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env });
  return { code: status, stdout, stderr };
}

/** Returns the glibc that a program needs, and its libraries that are not in a minimal Debian, as the page on installation names them, and of libstdc++. */
function requirementsOf(program: string): string[] {
  const found = execFileSync('objdump', ['-p', program], { encoding: 'utf8' });
  const glibc = Array.from(found.matchAll(/ GLIBC_2\.(\d+)$/gm), ([, minor]) => Number(minor));
  const libraries = Array.from(found.matchAll(/^ +NEEDED +(\S+)$/gm), ([, name = '']) => name);
  const others = libraries.filter((name) => !/^(ld-linux|libc|libdl|libm|libpthread|libgcc_s)\b/.test(name));
  const all = [`glibc 2.${Math.max(...glibc)}`, ...others.sort()];
  for (const one of all) assert.match(PAGE, one);
  const libstdcxx = Array.from(found.matchAll(/ GLIBCXX_3\.4\.(\d+)$/gm), ([, minor]) => Number(minor));
  return [...all, `GLIBCXX 3.4.${Math.max(...libstdcxx)}`];
}

/** Returns what the language server can do, and its exit code. Its package is CommonJS, unlike all others of the bundles. */
async function served(program: string, args: readonly string[]) {
  const home = scratchFolder();
  const env = { HOME: home, PATH: home };
  const child = spawn(program, [...args, 'lsp'], { cwd: home, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const connection = createProtocolConnection(child.stdout, child.stdin);
  connection.listen();
  const start = { processId: null, rootUri: null, capabilities: {} };
  const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', start);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  const [code] = await ended;
  return { code, capabilities };
}

const expected = await served(process.execPath, [BIN]);

test('the language server starts and ends', () => {
  assert.equal([expected.code, expected.capabilities.hoverProvider], [0, true]);
});

for (const [release, node] of NODES)
  (node ? test : test.skip)(
    `Node ${release} writes the same bytes, and reports the same errors`,
    async () => {
      const by = (args: string[], cwd: string) => runBare(node as string, [BIN, ...args], cwd);
      const [, line = ''] = by(['--version'], root).stdout.split(' node-v');
      assert.ok(release === 'latest' || line.startsWith(release), line);
      const build = by(['build', '--check', SITES], root);
      assert.is(build.code, 0, build.stderr);
      const home = dirname(makeSite(ERRORS));
      assert.is(by(['check', 'plant'], home).stderr, harvgen(['check', 'plant'], home).stderr);
      assert.equal(await served(node as string, [BIN]), expected);
    },
  );

(newest ? test : test.skip)('the executable works without Node and other files', async () => {
  const program = String(
    execFileSync(process.execPath, ['scripts/build-executable.mjs', scratchFolder()], { cwd: root }),
  ).trim();
  const licenses = readFileSync(`${program}.LICENSES.txt`, 'utf8');
  for (const one of ['Apache License', 'Node.js is licensed for use as follows', 'yaml 2.'])
    assert.match(licenses, one);
  assert.equal(requirementsOf(program), [
    'glibc 2.28',
    'libatomic.so.1',
    'libstdc++.so.6',
    // GCC 5.1, by "ABI Policy and Guidelines" of libstdc++.
    'GLIBCXX 3.4.21',
  ]);
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
  assert.equal(await served(program, []), expected);
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
