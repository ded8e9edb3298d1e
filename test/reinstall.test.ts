import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgen, type Run } from './support/cli.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/* The reinstallation of a node as in docs/how-to/cookbook.md: set, reviewed, built, committed, and reverted. */

const test = suite('a reinstallation');

const ME = ['-c', 'user.name=me', '-c', 'user.email=me@example.org'];

test('install=always wipes a node at each boot, is reported while it is set, and can be reverted', () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const run = (...args: string[]): Run => {
    const result = harvgen(args, home);
    assert.is(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
    return result;
  };
  const checked = () => {
    const { stdout, stderr } = run('check', 'plant');
    return stdout + stderr;
  };
  const words = () => run('diff', '--no-patch', 'plant').stdout.split('\n').slice(1, -1);
  const script = () => readFileSync(join(home, 'out/plant/www/ipxe/52-54-00-aa-01-02.ipxe'), 'utf8');
  const git = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('git', [...ME, ...args], { cwd: home, encoding: 'utf8' });
    assert.is(status, 0, stderr);
    return stdout;
  };
  const commit = (message: string) => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
  };
  run('build', 'plant');
  git('init', '--quiet');
  commit('A plant');
  const before = script();
  assert.not.match(checked(), 'install-always');

  run('set', 'plant', 'harv-2', 'install=always');
  assert.equal(words(), [
    '  harv-2: will be wiped and reinstalled at its next and every later boot from the network (install: once → always)',
  ]);
  run('build', 'plant');
  assert.not.match(script(), 'sanboot');
  commit('Reinstall harv-2');
  assert.match(checked(), 'harv-2 is reinstalled, and its disk wiped, every time it boots from the network.');
  assert.match(
    checked(),
    'help: once installation starts: harvgen set SITE harv-2 install=null && harvgen build SITE',
  );

  run('set', 'plant', 'harv-2', 'install=null');
  assert.equal(words(), [
    '  harv-2: no longer wiped at each boot: boots its disk, or installs if its disk has no Harvester (install: always → once)',
  ]);
  run('build', 'plant');
  commit('harv-2 has been installed');
  assert.is(script(), before);
  assert.not.match(checked(), 'install-always');
  assert.is(git('diff', '--stat', 'HEAD~2', 'HEAD', '--', 'out/plant/www/ipxe'), '');
  assert.is(git('status', '--short'), '');
});

test.run();
