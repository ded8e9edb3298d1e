import { spawn, spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { WatchedSecrets } from './watch.ts';

const test = suite('secrets while sites are watched');

function give(file: string, value: string): void {
  writeFileSync(file, `token: ${value}\n`, { mode: 0o600 });
}

test('a file is watched, and read again after a change', async () => {
  const file = join(scratchFolder(), 'secrets.yaml');
  const secrets = new WatchedSecrets(file);
  assert.equal(secrets.files, [file], 'which may come later');
  give(file, 'one');
  assert.is((await secrets.read([]))?.find('plant', 'token'), 'one');
  give(file, 'two');
  assert.is((await secrets.read([]))?.find('plant', 'token'), 'one');
  secrets.forget();
  assert.is((await secrets.read([]))?.find('plant', 'token'), 'two');
});

test('a pipe is read once', async () => {
  const pipe = join(scratchFolder(), 'pipe');
  assert.is(spawnSync('mkfifo', ['-m', '600', pipe]).status, 0);
  const writer = spawn('sh', ['-c', 'echo "token: one" > "$1"', 'sh', pipe], { stdio: 'ignore' });
  const secrets = new WatchedSecrets(pipe);
  assert.equal(secrets.files, []);
  assert.is((await secrets.read([]))?.find('plant', 'token'), 'one');
  assert.is((await secrets.read([]))?.find('plant', 'token'), 'one');
  writer.kill();
});

test('an unreadable file is tried again', async () => {
  const file = join(scratchFolder(), 'secrets.yaml');
  const secrets = new WatchedSecrets(file);
  let message = '';
  try {
    await secrets.read([]);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.is(message, `${file} cannot be read: there is no such file (ENOENT)`);
  give(file, 'one');
  assert.is((await secrets.read([]))?.find('plant', 'token'), 'one');
});

test('a link that leads to itself is a file that cannot be read yet', async () => {
  const loop = join(scratchFolder(), 'loop');
  symlinkSync(loop, loop);
  const secrets = new WatchedSecrets(loop);
  assert.equal(secrets.files, [loop]);
  const why = await secrets.read([]).catch(({ name, message }) => [name, message]);
  assert.equal(why, ['SecretsError', `${loop} cannot be read: it is a link to itself (ELOOP)`]);
});

test('standard input and a missing option have no file to watch', async () => {
  assert.equal([new WatchedSecrets('-').files, new WatchedSecrets(undefined).files], [[], []]);
  assert.is(await new WatchedSecrets(undefined).read([]), undefined);
});

test.run();
