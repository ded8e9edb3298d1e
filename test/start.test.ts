import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgen, runOf } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

const test = suite('starting');

const root = fileURLToPath(new URL('..', import.meta.url));

/** An installation of harvgen in a folder of its own, whose path has a blank. */
function installed(): { readonly bin: string; readonly cache: string } {
  const folder = join(scratchFolder(), 'with blank');
  for (const path of ['bin', 'dist', 'schema', 'package.json'])
    cpSync(join(root, path), join(folder, path), { recursive: true });
  return { bin: join(folder, 'bin/harvgen.js'), cache: join(folder, 'dist/harvgen.cache') };
}

/** What a build says and writes. */
function buildBy(bin: string): unknown {
  const home = dirname(makeSite(PLANT));
  const { code, stdout, stderr } = runOf(bin, ['build', 'plant'], home);
  return { code, stdout, stderr, tree: readTree(join(home, 'out')) };
}

const expected = buildBy(BIN);

test('by a link, and from a folder whose name has a blank', () => {
  const { bin } = installed();
  assert.equal(buildBy(bin), expected);
  const link = join(scratchFolder(), 'harvgen');
  symlinkSync(bin, link);
  assert.equal(buildBy(link), expected);
});

test('with what V8 has compiled, where it is of this Node and this program', () => {
  const { bin, cache } = installed();
  const whole = readFileSync(cache);
  const end = whole.lastIndexOf(' v');
  const stamp = whole.subarray(end - 64);
  const damaged = {
    'not there': undefined,
    empty: Buffer.alloc(0),
    'cut short': whole.subarray(0, whole.length / 2),
    'nothing but the stamp': stamp,
    'nothing that V8 knows': Buffer.concat([Buffer.alloc(1000, 'x'), stamp]),
    'half of it, and the stamp': Buffer.concat([whole.subarray(0, whole.length / 2), stamp]),
    'of another program': Buffer.concat([
      whole.subarray(0, end - 64),
      Buffer.alloc(64, '0'),
      whole.subarray(end),
    ]),
    'of another Node': Buffer.concat([whole.subarray(0, end), Buffer.from(' v0.1.0 plan9 vax 1')]),
  };
  for (const [name, bytes] of Object.entries(damaged)) {
    if (bytes) writeFileSync(cache, bytes);
    else rmSync(cache);
    assert.equal(buildBy(bin), expected, name);
  }
});

test('with other flags of V8', () => {
  const home = dirname(makeSite(PLANT));
  const { code, stdout, stderr } = harvgen(['build', 'plant'], home, {
    NODE_OPTIONS: '--max-old-space-size=300',
  });
  assert.equal({ code, stdout, stderr, tree: readTree(join(home, 'out')) }, expected);
});

test('takes what V8 has compiled: it is of use', () => {
  const taken = readFileSync(BIN, 'utf8').replace(
    'const program =',
    'process.stderr.write(`rejected: ${script.cachedDataRejected}`);\nconst program =',
  );
  const { bin } = installed();
  writeFileSync(bin, taken);
  assert.is(runOf(bin, ['--version'], scratchFolder()).stderr, 'rejected: false');
});

test('says so where it is not built', () => {
  const { bin } = installed();
  rmSync(join(dirname(bin), '../dist'), { recursive: true });
  assert.equal(runOf(bin, ['--version'], scratchFolder()), {
    code: 1,
    stdout: '',
    stderr: 'harvgen: it is not built yet: run npm ci, or npm run build, in its folder\n',
  });
});

test('shows where a fault of its own happened', () => {
  const { bin } = installed();
  rmSync(join(dirname(bin), '../schema'), { recursive: true });
  const { stderr } = runOf(bin, ['schema', 'v1.6.1'], scratchFolder(), { HARVGEN_DEBUG: '1' });
  assert.match(stderr, /fault of harvgen itself: ENOENT/);
  assert.match(stderr, 'at schemaOf (harvgen.cjs:');
});

test('has the licences of what it has in it', () => {
  const licences = readFileSync(join(root, 'dist/LICENSES.txt'), 'utf8');
  for (const name of ['yaml 2', 'cac 7', 'eta 4']) assert.match(licences, name);
});

test.run();
