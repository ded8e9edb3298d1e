// needs: root nginx rsync unshare

import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN } from '../support/cli.ts';
import { blocksOf } from '../support/markdown.ts';
import { edited, PLANT } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const SERVER = '192.168.178.7';
const [NODE, UNKNOWN] = ['192.168.178.41', '192.168.178.222'];
const CONFIG = '/config/52-54-00-aa-01-01.yaml';
const TOKEN = 'the-token-of-the-plant';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const test = suite('a tree with secret values, deployed by its README, with the real nginx');
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(NODE, UNKNOWN);
  await build(TOKEN);
  await deploy();
  await box.serve('/srv/harvgen/plant/nginx/plant.conf');
});

test.after(() => box?.close());

test('only root and nginx can read files with secrets', async () => {
  const modes = await box.sandbox.run([
    'stat',
    '-c',
    '%U:%G %a',
    '/srv/harvgen/plant',
    `/srv/harvgen/plant/www${CONFIG}`,
  ]);
  assert.is(modes, 'root:www-data 750\nroot:www-data 640\n');
  try {
    await box.sandbox.run([
      'setpriv',
      '--reuid=nobody',
      '--clear-groups',
      'cat',
      `/srv/harvgen/plant/www${CONFIG}`,
    ]);
    assert.unreachable('every user can read it');
  } catch (error) {
    assert.match(String(error), 'Permission denied');
  }
});

test('a node gets only its own configuration, without an include', async () => {
  const { status, body } = await box.get(NODE, CONFIG);
  assert.is(status, 200);
  assert.match(body, `token: "${TOKEN}"\n`);
  assert.is((await box.get(UNKNOWN, CONFIG)).status, 403);
  assert.is((await box.get(UNKNOWN, '/boot.ipxe')).status, 200);
});

test('a cached configuration never replaces the current one', async () => {
  const { headers } = await box.get(NODE, CONFIG);
  assert.is(headers.etag, undefined);
  const since = [
    `Host: ${SERVER}`,
    'If-Modified-Since: Fri, 31 Dec 2999 00:00:00 GMT',
    'If-None-Match: *',
    'Range: bytes=0-1',
  ];
  assert.is((await box.get(NODE, CONFIG, { headers: since })).status, 200);
});

test('files of a plain web server stay in the document root; other files outside the tree are removed', async () => {
  await build(TOKEN, edited(PLANT, ['server:\n', 'server:\n  compat: [oci]\n']));
  const www = '/srv/harvgen/plant/www';
  await deploy();
  await box.sandbox.run(['ln', '-s', '/srv/harvgen/media/v1.4.1', `${www}/harvester/v1.4.1`]);
  await box.sandbox.run(['mkdir', `${www}/loader`]);
  await box.sandbox.run(['touch', `${www}/loader/snponly.efi`, `${www}/gone`]);
  await deploy();
  const there = await box.sandbox.run([
    'sh',
    '-c',
    `cd ${www} && ls -d gone harvester/* loader/* 2>&1 || true`,
  ]);
  assert.equal(there.trim().split('\n').slice(-3), [
    'harvester/boot.php',
    'harvester/v1.4.1',
    'loader/snponly.efi',
  ]);
  assert.match(there, "cannot access 'gone'");
});

test('nginx does not serve placeholders after a deployment without a reload', async () => {
  await build();
  await deploy();
  assert.is((await box.get(NODE, CONFIG)).status, 503);
});

test.run();

/** Builds the site, with the token's value or with its placeholder. */
async function build(token?: string, inventory = PLANT): Promise<void> {
  const home = box.sandbox.folder;
  const secrets = join(home, 'secrets.yaml');
  await writeFile(secrets, `cluster_token: ${token}\n`, { mode: 0o600 });
  const values = token === undefined ? ['--force'] : ['--secrets', secrets];
  await box.sandbox.run([
    process.execPath,
    BIN,
    'build',
    ...values,
    '--out',
    join(home, 'out'),
    makeSite(inventory),
  ]);
}

/** Copies the tree by the commands of its README; a tree with placeholders is copied without its secrets. */
async function deploy(): Promise<void> {
  const { folder } = box.sandbox;
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(
    join(folder, 'bin/ssh'),
    '#!/bin/sh\nwhile [ "$1" = -l ]; do shift 2; done\nshift\nexec sh -c "$*"\n',
  );
  await chmod(join(folder, 'bin/ssh'), 0o755);
  const tree = join(folder, 'out/plant');
  const [variables = '', ...blocks] = blocksOf(readFileSync(join(tree, 'README.md'), 'utf8'), 'sh');
  const copy = blocks.find((block) => block.startsWith('rsync '));
  const script = `${variables.replace(/^TREE=.*$/m, `TREE=${tree}`)}${copy}`;
  const env = ['env', `PATH=${join(folder, 'bin')}:${process.env.PATH}`];
  await box.sandbox.run([...env, 'sh', '-c', `cd ${ROOT} && ${script}`]);
}
