// Runs the tests: `npm test`, or `npm test -- PATTERN…` for the test files whose path holds one of the patterns.
//
// First the linter, the types, the tests beside the sources and the benchmark, those of the command line, and those files of test/system/
// that have no machine; then those that boot machines by themselves, and last those with a daemon that the whole computer has
// one of. Of test/system/ what a file needs stands on its first line
// ("// needs: …"). What cannot run is named, with the line that installs it; with CI=true it is a failure.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isThere, packages } from './missing-programs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const patterns = process.argv.slice(2);
/** Who needs this boots machines. */
const MACHINES = ['qemu-system-x86_64'];
/** Who needs one of these has libvirt's machines, or a namespace with systemd: one file at a time. */
const ALONE = ['libvirtd', 'systemctl'];
const sum = { passed: 0, failed: 0, skipped: 0 };

step('the build', ['scripts/build.mjs']);
if (patterns.length === 0) {
  step('the formatter and the linter', [
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    '--error-on-warnings',
    '.',
  ]);
  step('the imports between modules', ['scripts/check-modules.mjs']);
  step('the types', ['node_modules/typescript/bin/tsc', '--noEmit']);
  step('the pages made from the code', ['--import', 'tsx', 'scripts/generate-docs.mjs', '--check']);
}

const isWanted = (path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern));
const all = ['src', 'bench', 'test'].flatMap(testsBelow).filter(isWanted);
const system = all.filter((path) => path.startsWith('test/system/'));
const needed = system.map((path) => [path, needsOf(path).filter((need) => !isThere(need))]);
const sources = all.filter((path) => !path.startsWith('test/'));
const commands = all.filter((path) => path.startsWith('test/') && !system.includes(path));
const runnable = needed.filter(([, missing]) => missing.length === 0).map(([path]) => path);
const alone = runnable.filter((path) => needsOf(path).some((need) => ALONE.includes(need)));
const heavy = runnable.filter(
  (path) => !alone.includes(path) && needsOf(path).some((need) => MACHINES.includes(need)),
);
const light = runnable.filter((path) => !heavy.includes(path) && !alone.includes(path));
// Two at once: a machine that boots waits for half of its time.
await atOnce(2, [sources, ...[...commands, ...light].map((path) => [path])], runTests);
await atOnce(
  2,
  heavy.map((path) => [path]),
  runTests,
);
for (const path of alone) await runTests([path]);
for (const [path, missing] of needed) if (missing.length > 0) skip(path, missing);

console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

/** Runs a check that passes or fails as a whole. */
function step(name, args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name}`);
  sum[status === 0 ? 'passed' : 'failed'] += 1;
}

/** Does something for each item, a number of them at once, in their order. */
async function atOnce(number, items, act) {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: number }, worker));
}

/**
 * Runs test files in one process, shows what it says when it has ended, and adds up what uvu counts. A process that ends
 * without a count has failed.
 */
async function runTests(paths) {
  if (paths.length === 0) return;
  const runner = ['--import', 'tsx', join('scripts', 'run-uvu.mjs'), ...paths];
  const child = spawn(process.execPath, runner, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  process.stdout.write(output);
  const count = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(output)?.[1] ?? Number.NaN);
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')];
  const failed = Number.isNaN(total) ? 1 : total - passed - skipped;
  sum.passed += passed || 0;
  sum.skipped += skipped || 0;
  sum.failed += code === 0 ? failed : Math.max(1, failed);
}

function testsBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts'))
    .sort();
}

/** What a test file says on its first line that it needs. */
function needsOf(path) {
  const [first = ''] = readFileSync(join(root, path), 'utf8').split('\n', 1);
  const needs = /^\/\/ needs: (.*)$/.exec(first)?.[1]?.split(' ') ?? [];
  for (const need of needs) {
    if (need !== 'root' && !packages[need])
      throw new Error(`${path} needs ${need}, and test/programs.json has it not`);
  }
  return needs;
}

function skip(path, missing) {
  const install = missing.filter((need) => need !== 'root').map((need) => packages[need]);
  const how = [
    ...(install.length > 0 ? [`apt-get install ${install.join(' ')}`] : []),
    ...(missing.includes('root') ? ['run as root'] : []),
  ];
  const inCi = process.env.CI === 'true';
  console.log(`${inCi ? 'FAILED' : 'SKIPPED'}: ${path} lacks ${missing.join(', ')}: ${how.join('; ')}`);
  sum[inCi ? 'failed' : 'skipped'] += 1;
}
