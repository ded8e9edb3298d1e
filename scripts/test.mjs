// Runs the tests.
//
//   All tests: npm test.
//   Test files whose path contains one of the patterns: npm test -- PATTERN…. With --name TEXT, only the tests whose name contains it.
//   The same again after each change of a source: npm test -- --watch PATTERN….
//   One of four parts of similar duration, from the recorded times: npm test -- --shard 1/4.
//   Tests without a machine or daemon: npm run test:quick.
//   All tests, with ten times as many random cases and a new seed each time (HARVGEN_SEED): npm run test:long.
//
// Test files are jobs of one queue, the longest first (test/seconds.json). Most of them wait for firmware, for DHCP or for a daemon:
// another job starts whenever the processors are idle. Files that need a daemon with one instance per computer (libvirtd, systemd)
// run in sequence. The first line of a file lists its needs ("// needs: …"). A file with missing needs is skipped, and fails with CI=true.
//
// A job that takes several times its recorded time is killed, and uvu.mjs ends a test that waits for too long.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { cpus, freemem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isBuilt } from './built.mjs';
import { bundleTests } from './bundle-tests.mjs';
import { isThere, packages } from './missing-programs.mjs';

/** The minimum number of jobs, even if other processes use the processors, and the maximum number. */
const JOBS = { least: 3, most: 8 };
/** Conditions for another job: this share of the last second was idle, and this much memory in bytes is free. */
const ROOM = { idle: 0.1, memory: 2 ** 30 };
/** The longest run of a job, in milliseconds: only a job that hangs takes as long, even on a busy host. */
const limitOf = ({ seconds = 60 }) => Math.ceil(300 + 20 * seconds) * 1000;
/** The longest wait of a test beside the sources, and of another, in milliseconds. */
const WAIT = { unit: 60_000, other: 15 * 60_000 };
/** Seconds between progress lines. */
const PROGRESS = 30;
/** Programs with one instance per computer: files that need them run in sequence. */
const SINGLE = ['libvirtd', 'systemctl'];
/** Files that start VMs run two at a time: each starts up to five. */
const MACHINE = 'qemu-system-x86_64';
/** Number of jobs for the files beside the sources, which take less than a second each. */
const UNIT_JOBS = 4;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const recordPath = join(root, 'test', 'seconds.json');
const record = JSON.parse(readFileSync(recordPath, 'utf8'));
const { values: options, positionals: patterns } = parseArgs({
  options: {
    shard: { type: 'string' },
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    record: { type: 'boolean' },
    name: { type: 'string', default: '' },
    watch: { type: 'boolean' },
  },
  allowPositionals: true,
});
/** The linter runs once in parallel with the tests, also with --quick. */
const LINT = { name: 'npm run lint', command: ['npm', 'run', '--silent', 'lint'] };
const hasLint = patterns.length === 0 && options.name === '' && /^(?:1\/|$)/.test(options.shard ?? '');
const started = Date.now();
const sum = { passed: 0, failed: 0, skipped: 0 };
const took = new Map();

if (options.long) {
  process.env.HARVGEN_EFFORT ??= '10';
  process.env.HARVGEN_SEED ??= String(started % 1_000_000);
  console.log(`HARVGEN_SEED=${process.env.HARVGEN_SEED} HARVGEN_EFFORT=${process.env.HARVGEN_EFFORT}`);
}
if (options.watch) {
  await runAgainAndAgain();
  process.exit();
}

const files = shardOf(
  ['src', 'bench', 'test'].flatMap(testsBelow).filter((path) => {
    if (options.quick && !isQuick(path)) return false;
    return patterns.length === 0 || patterns.some((pattern) => path.includes(pattern));
  }),
);
const runnable = files.filter((path) => {
  const missing = needsOf(path).filter((need) => !isThere(need));
  if (missing.length > 0) skip(path, missing);
  return missing.length === 0;
});
// Tests beside the sources run without a build.
if (!isBuilt() && runnable.some((path) => path.startsWith('test/'))) step('npm run build');
// In memory if enough is free: tests write many small files.
const scratch = mkdtempSync(join(hasMemory('/dev/shm') ? '/dev/shm' : tmpdir(), 'harvgen-tests-'));
// Tests that run as another user also create directories here.
chmodSync(scratch, 0o1777);
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
await bundleTests(runnable);
await runJobs([...(hasLint ? [LINT] : []), ...jobsOf(runnable)]);

for (const [path, seconds] of [...took].sort(([, a], [, b]) => b - a).slice(0, 10))
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${path}`);
if (options.record) {
  const all = Object.fromEntries([...Object.entries(record), ...took].sort(([a], [b]) => (a < b ? -1 : 1)));
  const lines = Object.entries(all).map(
    ([path, seconds]) => `  ${JSON.stringify(path)}: ${Math.ceil(seconds)}`,
  );
  writeFileSync(recordPath, `{\n${lines.join(',\n')}\n}\n`);
}
console.log(`${Math.round((Date.now() - started) / 1000)} seconds`);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

/** Runs the tests in another process, and again after each change, until the user ends it. */
async function runAgainAndAgain() {
  const { watch } = await import('chokidar');
  const args = process.argv.slice(2).filter((argument) => argument !== '--watch');
  const folders = ['src', 'test', 'bench', 'scripts', 'schema'].map((folder) => join(root, folder));
  const watcher = watch(folders, { ignored: /\.gen\.ts$|seconds\.json$/, ignoreInitial: true });
  for (;;) {
    const changed = new Promise((resolve) => watcher.once('all', resolve));
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { cwd: root, stdio: 'inherit' });
    console.log('waiting for a change; Ctrl+C ends it');
    await changed;
    // An editor may write several files.
    await setTimeout(100);
  }
}

/** Runs a command that passes or fails as a whole. */
function step(command) {
  const [program, ...args] = command.split(' ');
  const { status } = spawnSync(program, [...args, '--silent'], { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${command}`);
  sum[status === 0 ? 'passed' : 'failed'] += 1;
}

/** Returns the jobs, the longest first. A job runs one or more files in one process. */
function jobsOf(paths) {
  const units = paths.filter((path) => !path.startsWith('test/'));
  const groups = Array.from({ length: UNIT_JOBS }, (_, part) =>
    units.filter((_, index) => index % UNIT_JOBS === part),
  ).filter((group) => group.length > 0);
  const others = paths.filter((path) => path.startsWith('test/')).map((path) => [path]);
  return [...groups, ...others].map(jobOf).sort((a, b) => b.seconds - a.seconds);
}

function jobOf(paths) {
  const needs = paths.flatMap(needsOf);
  const [first] = paths;
  return {
    paths,
    name: paths.length > 1 ? `${paths.length} files beside the sources` : first,
    seconds: paths.reduce((seconds, path) => seconds + secondsOf(path), 0),
    wait: first.startsWith('test/') ? WAIT.other : WAIT.unit,
    isSingle: needs.some((need) => SINGLE.includes(need)),
    // A test with namespaces may mount something else over the directory in memory.
    scratch: needs.includes('root') ? tmpdir() : scratch,
    hasMachines: needs.includes(MACHINE),
    // Node 20 reads these certificates at every start, which doubles the start time: only tests with a registry need them.
    certificates: needs.includes('npm') ? process.env.NODE_EXTRA_CA_CERTS : undefined,
  };
}

function secondsOf(path) {
  return record[path] ?? (path.startsWith('test/') ? 10 : 0.3);
}

/** Runs jobs in parallel. The next one is always the first that fits. */
async function runJobs(jobs) {
  const left = [...jobs];
  /** The start time of each job. */
  const running = new Map();
  let done = 0;
  let ticks = 0;
  let before = cpuTimes();
  const start = () => {
    const index = left.findIndex((job) => fits(job, [...running.keys()]));
    if (index < 0) return false;
    const [job] = left.splice(index, 1);
    running.set(job, Date.now());
    run(job).then((line) => {
      running.delete(job);
      done += 1;
      console.log(`[${done}/${jobs.length}] ${line}`);
      startLeast();
    });
    return true;
  };
  const startLeast = () => {
    while (running.size < JOBS.least && start());
  };
  while (left.length > 0 || running.size > 0) {
    const now = cpuTimes();
    const idle = (now.idle - before.idle) / (now.all - before.all);
    before = now;
    startLeast();
    if (running.size < JOBS.most && idle > ROOM.idle && freemem() > ROOM.memory) start();
    ticks += 1;
    if (ticks % PROGRESS === 0) {
      const what = [...running].map(
        ([{ name }, since]) => `${name} ${Math.round((Date.now() - since) / 1000)} s`,
      );
      console.log(`  ${left.length} to start; running: ${what.join(', ')}`);
    }
    await setTimeout(1000);
  }
}

/** Returns the idle time and the total time of the processors in milliseconds. */
function cpuTimes() {
  const times = cpus().map(({ times }) => times);
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap(Object.values)) };
}

/** Whether a job may run in parallel with others: at most one with a single daemon, and two with VMs. */
function fits(job, others) {
  if (job.isSingle && others.some(({ isSingle }) => isSingle)) return false;
  return !job.hasMachines || others.filter(({ hasMachines }) => hasMachines).length < 2;
}

/** Runs a job; returns its line, with the output if it failed. */
async function run(job) {
  const { paths = [], name, command, certificates, hasMachines, scratch: folder = tmpdir(), wait = 0 } = job;
  const start = Date.now();
  const bundles = paths.map((path) => join('.tests', path.replace(/\.ts$/, '.js')));
  const uvu = [process.execPath, '--enable-source-maps', 'scripts/run-uvu.mjs', ...bundles];
  // Firmware that waits for a packet uses a whole processor, so its servers take precedence over other jobs.
  const nice = hasMachines ? ['nice', '-n', '-10'] : [];
  const [program, ...args] = [...nice, ...(command ?? uvu)];
  const child = spawn(program, args, {
    cwd: root,
    env: {
      ...process.env,
      TMPDIR: folder,
      FORCE_COLOR: '0',
      NODE_EXTRA_CA_CERTS: certificates,
      HARVGEN_TEST_NAME: options.name,
      HARVGEN_TEST_WAIT: String(wait),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitOf(job),
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  const seconds = (Date.now() - start) / 1000;
  const count = (what) => Number(new RegExp(`${what}:\\s+([\\d.]+)`).exec(output)?.[1] ?? Number.NaN);
  const counts = [count('Total'), count('Passed'), count('Skipped')];
  const [total, passed, skipped] = command && code === 0 ? [1, 1, 0] : counts;
  // A process that ends without a count has failed.
  const failed = Number.isNaN(total) ? 1 : Math.max(total - passed - skipped, code === 0 ? 0 : 1);
  sum.passed += passed || 0;
  sum.skipped += skipped || 0;
  sum.failed += failed;
  if (paths.length === 1) took.set(name, seconds);
  const time = `${seconds.toFixed(1)} s, ${(count('CPU') || 0).toFixed(1)} s of CPU`;
  const line = `${failed > 0 ? 'FAILED' : 'ok'}: ${name} (${passed || 0} in ${time})`;
  return failed > 0 || skipped > 0 ? `${line}\n${output}` : line;
}

function testsBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts'))
    .sort();
}

/** Whether a file takes less than four seconds and needs no VM or daemon, so that all of them take a minute. */
function isQuick(path) {
  return !path.startsWith('test/system/') && secondsOf(path) < 4;
}

/** Returns the part of the files for --shard, balanced by duration, the longest first. */
function shardOf(paths) {
  const [part, parts] = (options.shard ?? '1/1').split('/').map(Number);
  if (!(part >= 1 && part <= parts)) throw new Error('--shard takes a part of a number of parts: 1/4');
  const shards = Array.from({ length: parts }, () => ({ seconds: 0, paths: [] }));
  for (const path of [...paths].sort((a, b) => secondsOf(b) - secondsOf(a) || (a < b ? -1 : 1))) {
    const least = shards.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    least.seconds += secondsOf(path);
    least.paths.push(path);
  }
  return shards[part - 1].paths.sort();
}

/** Returns the needs in the first line of a test file. */
function needsOf(path) {
  const [first = ''] = readFileSync(join(root, path), 'utf8').split('\n', 1);
  const needs = /^\/\/ needs: (.*)$/.exec(first)?.[1]?.split(' ') ?? [];
  for (const need of needs) {
    if (need !== 'root' && !packages[need])
      throw new Error(`${path} needs ${need}, which test/programs.json does not contain`);
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

/** Whether a directory is in memory, with 3 GiB to spare. */
function hasMemory(folder) {
  try {
    const { type, bavail, bsize } = statfsSync(folder);
    return type === 0x01021994 && bavail * bsize > 3 * 2 ** 30;
  } catch {
    return false;
  }
}
