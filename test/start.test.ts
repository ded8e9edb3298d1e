import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bigPlant } from './support/big-plant.ts';
import { BIN, harvgen, type Run, runOf } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('starting');

const root = fileURLToPath(new URL('..', import.meta.url));

/** An installation of harvgen in a folder of its own, whose path has a blank. */
function installed(): { readonly bin: string; readonly cache: string } {
  const folder = join(scratchFolder(), 'with blank');
  for (const path of ['bin', 'dist', 'schema', 'package.json'])
    cpSync(join(root, path), join(folder, path), { recursive: true });
  return { bin: join(folder, 'bin/harvgen.js'), cache: join(folder, 'dist/cli/build.cjs.cache') };
}

/** What a build says and writes. */
function buildBy(bin: string): Run & { readonly tree: object } {
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

test('with what V8 has compiled, where it is whole, and of this Node and this program', () => {
  const { bin, cache } = installed();
  const whole = readFileSync(cache);
  const stamp = whole.subarray(-64);
  const inside = Buffer.from(whole);
  inside.fill('x', 10_000, 20_000);
  const damaged = {
    'not there': undefined,
    empty: Buffer.alloc(0),
    'cut short': whole.subarray(0, whole.length / 2),
    'nothing but the stamp': stamp,
    'nothing that V8 knows': Buffer.concat([Buffer.alloc(1000, 'x'), stamp]),
    'half of it, and the stamp': Buffer.concat([whole.subarray(0, whole.length / 2), stamp]),
    'damaged inside': inside,
    'of another program': readFileSync(join(dirname(cache), 'harvgen.cjs.cache')),
  };
  for (const [name, bytes] of Object.entries(damaged)) {
    if (bytes) writeFileSync(cache, bytes);
    else rmSync(cache);
    assert.equal(buildBy(bin), expected, name);
  }
});

/** Whether V8 was given what it had compiled of a program, and has rejected it; undefined where it was not given it. */
const REJECTED = `
  const { load, loaded } = require('./harvgen.js');
  for (const name of ['build.cjs', 'harvgen.cjs', 'yaml.cjs']) load(name);
  console.log(Array.from(loaded.values(), ({ script }) => String(script.cachedDataRejected)).join(' '));
`;

test('takes what V8 has compiled: it is of use, and to no other Node', () => {
  const { bin } = installed();
  const say = join(dirname(bin), 'say.js');
  writeFileSync(say, REJECTED);
  assert.is(runOf(say, [], scratchFolder()).stdout, 'false false false\n');
  const flags = { NODE_OPTIONS: '--max-old-space-size=300' };
  assert.is(runOf(say, [], scratchFolder(), flags).stdout, 'true true true\n');
  const text = readFileSync(bin, 'utf8');
  for (const [here, elsewhere] of [
    ['process.version', "'v20.19.0'"],
    ['process.arch', "'vax'"],
    ['statSync(process.execPath).size', '1'],
    // A Node that may not look at itself.
    ['statSync(process.execPath)', "statSync('/nowhere')"],
  ] as const) {
    writeFileSync(bin, text.replace(here, elsewhere));
    assert.is(runOf(say, [], scratchFolder()).stdout, 'undefined undefined undefined\n', elsewhere);
    assert.equal(buildBy(bin), expected, elsewhere);
  }
});

test('with other flags of V8', () => {
  const home = dirname(makeSite(PLANT));
  const { code, stdout, stderr } = harvgen(['build', 'plant'], home, {
    NODE_OPTIONS: '--max-old-space-size=300',
  });
  assert.equal({ code, stdout, stderr, tree: readTree(join(home, 'out')) }, expected);
});

test('says the same in the program for building and in that for all commands', () => {
  const { bin } = installed();
  const { tree } = buildBy(bin);
  cpSync(join(dirname(bin), '../dist/cli/harvgen.cjs'), join(dirname(bin), '../dist/cli/build.cjs'));
  assert.equal(buildBy(bin).tree, tree);
  const home = scratchFolder();
  for (const command of ['build', 'check'])
    for (const args of [[command], [command, '--help'], [command, '--frobnicate', 'x'], [command, 'nowhere']])
      assert.equal(runOf(bin, args, home), harvgen(args, home), args.join(' '));
});

test('loads what is only needed at times: a fault, YAML as few write it', () => {
  const home = writeFiles(scratchFolder(), {
    'a/site.yaml': 'site: &name a\nserver: { url: 7 }\nnodes: { b: { ip: *name, frob: 1 } }\n',
  });
  const { code, stderr } = harvgen(['check', 'a'], home);
  assert.is(code, 1);
  assert.match(stderr, 'unknown-key');
});

test('takes texts beyond ASCII for what the sources take them for', () => {
  const home = writeFiles(scratchFolder(), {
    'machines.csv': 'name,mac,ip\na,a4:bf:01:00:00:01,172.16.0.1\nb,a4:bf:01:00:00:02,\u2014\n',
  });
  const args = [
    'import',
    'csv',
    'machines.csv',
    '--server',
    'http://172.16.0.254',
    '--subnet',
    '172.16.0.0/24',
  ];
  const { stdout, stderr } = harvgen([...args, '--site', 'x'], home);
  assert.match(stdout, 'a4:bf:01:00:00:02', stderr);
  assert.not.match(stderr, '\u2014');
});

test('comes to an end that is no success where a command comes to none', () => {
  const { bin } = installed();
  const never = 'module.exports = { main: () => new Promise(() => {}) };';
  writeFileSync(join(dirname(bin), '../dist/cli/harvgen.cjs'), `(function (module) {${never}})`);
  assert.is(runOf(bin, ['--version'], scratchFolder()).code, 13);
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
  const licences = readFileSync(join(root, 'dist/cli/LICENSES.txt'), 'utf8');
  for (const name of ['yaml 2', 'cac 7', 'eta 4']) assert.match(licences, name);
});

test("where Node's permissions allow no second thread, one writes a large tree", () => {
  const home = dirname(makeSite(bigPlant(2500)));
  const flag = ['--permission', '--experimental-permission'].find((one) =>
    process.allowedNodeEnvironmentFlags.has(one),
  ) as string;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [flag, '--allow-fs-read=*', '--allow-fs-write=*', BIN, 'build', 'plant'],
    { cwd: home, encoding: 'utf8' },
  );
  assert.is(status, 0, stderr);
  assert.match(stdout, /^out\/plant: 5\d\d\d written, 0 unchanged, 0 removed\n$/);
});

test('a second thread that something ends is not waited for, and nothing is half written', () => {
  const home = dirname(makeSite(bigPlant(3000)));
  const ending = join(scratchFolder(), 'ending.cjs');
  writeFileSync(
    ending,
    "if (!require('node:worker_threads').isMainThread) setTimeout(() => process.exit(1), 20);\n",
  );
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'build', 'plant'], {
    cwd: home,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: `--require ${ending}` },
    timeout: 60_000,
  });
  assert.ok(status !== null, 'it waits');
  if (status !== 0) assert.match(stderr, 'a thread that writes has ended');
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
});

test.run();
