// needs: bash
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgen } from './support/cli.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, writeFiles } from './support/scratch.ts';

/* Standard output on a full disk, or on a closed pipe. */

const test = suite('standard output that cannot be written');

const FULL = 'harvgen: standard output cannot be written: there is no space left on the disk (ENOSPC)\n';

/** The arguments of a run of each command, which prints something. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  build: ['build', 'plant'],
  'build --check': ['build', '--check', 'plant'],
  check: ['check', '--format', 'json', 'plant'],
  diff: ['diff', 'plant'],
  explain: ['explain', 'plant', 'harv-1'],
  set: ['set', 'plant', 'harv-1', 'install=never'],
  secrets: ['secrets', 'plant'],
  'secrets --format': ['secrets', '--format', 'nginx', '--secrets', 'secrets.yaml', 'plant'],
  media: ['media', 'plant'],
  rules: ['rules'],
  schema: ['schema', 'v1.4.1'],
  template: ['template'],
  completion: ['completion', 'bash'],
  init: ['init', 'sites/plant_a'],
  import: ['import', 'tfvars', 'terraform.tfvars'],
  '--help': ['--help'],
  '--version': ['--version'],
};

function home(): string {
  const folder = dirname(makeSite(PLANT));
  return writeFiles(folder, {
    'secrets.yaml': 'cluster_token: a-token-that-nobody-guesses-42\n',
    'terraform.tfvars': 'project_id = "lab"\nharvester_node_count = 1\n',
  });
}

for (const [name, args] of Object.entries(COMMANDS)) {
  test(`${name}: a full disk is an error`, () => {
    const cwd = home();
    assert.is(harvgen(args, home()).stdout === '', false, 'it prints something');
    const full = openSync('/dev/full', 'w');
    try {
      const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: cwd },
        stdio: ['ignore', full, 'pipe'],
      });
      assert.is(status, 1, stderr);
      assert.ok(stderr.endsWith(FULL) || stderr.includes(FULL), stderr);
    } finally {
      closeSync(full);
    }
  });
}

/** Runs a command line of bash in a directory, with the command line in HARVGEN. */
function bash(command: string, cwd: string) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: cwd, NODE: process.execPath, BIN },
  });
  return { status, stdout, stderr };
}

test('a disk that becomes full during a write is an error: the output is not cut silently', () => {
  const cwd = home();
  for (const command of ['rules', 'schema v1.4.1', 'diff plant']) {
    // The limit takes the beginning of a text, as a disk does that is almost full.
    const { status, stderr } = bash(`ulimit -f 4; "$NODE" "$BIN" ${command} >out.txt`, cwd);
    assert.is(status, 1, `${command}: ${stderr}`);
    assert.is(
      stderr,
      'harvgen: standard output cannot be written: the file would be larger than the system allows (EFBIG)\n',
    );
    assert.is(statSync(join(cwd, 'out.txt')).size, 4096);
  }
});

test('a file gets all of a long output, after what it contained', () => {
  const cwd = writeFiles(home(), { 'out.txt': 'first\n' });
  const { status } = bash('"$NODE" "$BIN" schema v1.4.1 >>out.txt', cwd);
  assert.is(status, 0);
  assert.is(
    readFileSync(join(cwd, 'out.txt'), 'utf8'),
    `first\n${harvgen(['schema', 'v1.4.1'], cwd).stdout}`,
  );
});

test('in a worker thread, standard output has no file descriptor', async () => {
  const worker = new Worker(BIN, { argv: ['--version'], stdout: true, execArgv: [] });
  const [stdout, [code]] = await Promise.all([text(worker.stdout), once(worker, 'exit')]);
  assert.equal([code, stdout], [0, harvgen(['--version'], home()).stdout]);
});

test('a closed pipe causes neither an error nor a message', () => {
  const cwd = home();
  const { stdout, stderr } = bash('"$NODE" "$BIN" schema v1.4.1 | head -n 1; echo "${PIPESTATUS[0]}"', cwd);
  assert.equal([stdout, stderr], ['{\n0\n', '']);
});

test('a closed pipe of the diagnostics does not change the exit code', () => {
  const cwd = dirname(makeSite(edited(PLANT, ['v1.4.1', '1.4.1'])));
  const { stdout } = bash(
    '{ "$NODE" "$BIN" check plant 2>&1 >&3 | true; } 3>&1; echo "${PIPESTATUS[0]}"',
    cwd,
  );
  assert.match(stdout, /^\d+\n$/);
  const full = bash('"$NODE" "$BIN" check plant 2>/dev/full; echo "$?"', cwd);
  assert.is(full.stdout, '1\n');
});

test.run();
