import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { NESTED } from './support/nested-plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/**
 * The watchdog's action in each state of libvirt. No test can bring a real machine into most of them;
 * test/system/watchdog.test.ts has real machines. Source: libvirt, tools/virsh-domain-monitor.c (virshDomainStateToString and
 * similar).
 */
const test = suite('the watchdog, state by state');

/** A stand-in for virsh: every state is in a file with the domain's name, and other calls are recorded. */
const VIRSH = `#!/bin/sh
case $1 in
uri) echo qemu:///system ;;
domstate) cat "$STATES/$3" || { echo "error: failed to get domain '$3'" >&2; exit 1; } ;;
*)
  echo "$1 $3" >>"$STATES/done"
  [ ! -e "$STATES/fails" ] || { printf 'error: Failed to %s\\nerror: internal error: no room\\n' "$1" >&2; exit 1; }
  ;;
esac
`;

let script = '';
test.before(async () => {
  const { tree } = await compile(makeSite(NESTED));
  script = fileText(tree, 'scripts/watchdog.sh') ?? '';
});

/** Runs the watchdog with harvester-1 in this state, and the others running. */
function watch(state: string, files: Readonly<Record<string, string>> = {}, ...args: readonly string[]) {
  const running = 'running (booted)\n\n';
  const folder = writeFiles(scratchFolder(), {
    'bin/virsh': VIRSH,
    'watchdog.sh': script,
    'states/harvester-1': `${state}\n\n`,
    'states/harvester-2': running,
    'states/harvester-3': running,
    'states/done': '',
    ...files,
  });
  chmodSync(join(folder, 'bin/virsh'), 0o755);
  const env = { ...process.env, PATH: `${folder}/bin:${process.env.PATH}`, STATES: join(folder, 'states') };
  const { status, stdout, stderr } = spawnSync('bash', [join(folder, 'watchdog.sh'), ...args], {
    encoding: 'utf8',
    env,
  });
  const done = readFileSync(join(folder, 'states/done'), 'utf8').split('\n').slice(0, -1);
  return { status, stdout, stderr, done };
}

for (const state of [
  'running (booted)',
  'running (crashed)',
  'idle',
  'blocked (unknown)',
  'in shutdown (user)',
  'paused (migrating)',
  'paused (saving)',
  'paused (dumping)',
  'paused (creating snapshot)',
  'paused (starting up)',
  'paused (shutting down)',
  'paused (post-copy)',
  'paused (post-copy failed)',
  'shut off (migrated)',
  'no state',
]) {
  test(`${state}: nothing`, () => {
    assert.equal(watch(state), { status: 0, stdout: '', stderr: '', done: [] });
  });
}

for (const [state, word, ...commands] of [
  ['shut off (shutdown)', 'started', 'start'],
  ['shut off (crashed)', 'started', 'start'],
  ['shut off (saved)', 'started', 'start'],
  ['shut off (failed)', 'started', 'start'],
  ['paused (user)', 'resumed', 'resume'],
  ['paused (I/O error)', 'resumed', 'resume'],
  ['paused (watchdog)', 'resumed', 'resume'],
  ['paused (from snapshot)', 'resumed', 'resume'],
  ['paused (crashed)', 'resumed', 'resume'],
  ['paused (unknown)', 'resumed', 'resume'],
  ['pmsuspended (disk)', 'woken up', 'dompmwakeup'],
  ['crashed (panicked)', 'started', 'destroy', 'start'],
] as const) {
  test(`${state}: ${commands.join(', ')}`, () => {
    assert.equal(watch(state), {
      status: 0,
      stdout: '',
      stderr: `harvester-1 was ${state}: ${word}\n`,
      done: commands.map((command) => `${command} harvester-1`),
    });
  });
}

test('a failure is reported on one line, and the other machines are processed', () => {
  const off = 'shut off (shutdown)';
  assert.equal(watch(off, { 'states/fails': '', 'states/harvester-3': `${off}\n\n` }), {
    status: 1,
    stdout: '',
    stderr: ['harvester-1', 'harvester-3']
      .map((name) => `${name} is ${off} and cannot be started: Failed to start internal error: no room\n`)
      .join(''),
    done: ['start harvester-1', 'start harvester-3'],
  });
});

test('does not fail if another user just started a machine', () => {
  const quicker = VIRSH.replace(
    '*)\n',
    `start) echo 'running' >"$STATES/$3"; echo 'error: Domain is already active' >&2; exit 1 ;;\n*)\n`,
  );
  const { status, stderr } = watch('shut off (shutdown)', { 'bin/virsh': quicker });
  assert.equal({ status, stderr }, { status: 0, stderr: '' });
});

test('has a help, and rejects other arguments', () => {
  const { status, stdout } = watch('', {}, '--help');
  assert.is(status, 0);
  assert.match(stdout, /^Starts virtual machines of plant that are off or paused/);
  assert.match(stdout, 'harvgen-plant-watchdog.timer');
  assert.not.match(stdout, /^#|pipefail/m);
  const wrong = watch('', {}, '--verbose');
  assert.is(wrong.status, 2);
  assert.is(wrong.stderr, "watchdog.sh: unknown argument '--verbose': only --help is supported\n");
});

test.run();
