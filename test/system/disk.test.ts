// needs: root mount
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bigPlant } from '../support/big-plant.ts';
import { BIN, harvgen, type Run } from '../support/cli.ts';
import { edited, PLANT } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';

/* Failing disks: a build prints one clear message, exits with 1, and leaves the old tree as it was. */

const test = suite('a failing disk');

const NOBODY = 65534;
const MOVED = edited(PLANT, ['192.168.178.43', '192.168.178.44']);
const mounted: string[] = [];

test.after.each(() => {
  for (const folder of mounted.splice(0).reverse()) spawnSync('umount', ['--lazy', folder]);
});
process.on('exit', () => {
  for (const folder of mounted) spawnSync('umount', ['--lazy', folder]);
});

test('a full disk', () => {
  const { home, site, out } = plant(bigPlant(100));
  disk(out, 'size=3m');
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  change(site, bigPlant(100, '${secret:another_token}'));
  fill(out, 100_000);
  const { stderr } = refused(home, out);
  assert.match(
    stderr,
    /^harvgen: out\/plant\S* cannot be written: there is no space left on the disk \(ENOSPC\)\. Nothing was changed\.\n$/,
  );
  fill(out, 0);
  refused(home, out);
  rmSync(join(out, 'ballast'));
  assert.match(harvgen(['build', 'plant'], home).stdout, '105 written');
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
});

test('a disk without a free inode', () => {
  const { home, site, out } = plant(bigPlant(20));
  disk(out, 'size=5m,nr_inodes=80');
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  change(site, bigPlant(40));
  assert.match(refused(home, out).stderr, /no space left on the disk \(ENOSPC\)\. Nothing was changed\.\n$/);
});

// From 5000 files on, a second thread writes some of them.
for (const [nodes, size] of [
  [100, '200k'],
  [3000, '1m'],
  [3000, '9m'],
  [3000, '19m'],
] as const) {
  test(`a first build of ${nodes} nodes that fills a disk of ${size} leaves no files`, () => {
    const { home, out } = plant(bigPlant(nodes));
    disk(out, `size=${size}`);
    const { code, stderr } = harvgen(['build', 'plant'], home);
    assert.is(code, 1);
    assert.match(stderr, /^harvgen: out\/plant cannot be written: .* \(ENOSPC\)\. Nothing was changed\.\n$/);
    assert.equal(readdirSync(out), []);
  });
}

test('a build without changes succeeds on a full or read-only disk', () => {
  const { home, out } = plant(PLANT);
  disk(out, 'size=1m');
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  fill(out, 0);
  assert.match(harvgen(['build', 'plant'], home).stdout, '0 written, 22 unchanged');
  rmSync(join(out, 'ballast'));
  mount(['-o', 'remount,ro', out]);
  assert.match(harvgen(['build', 'plant'], home).stdout, '0 written, 22 unchanged');
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
});

test('a read-only disk', () => {
  const { home, site, out } = plant(PLANT);
  disk(out, 'size=1m');
  harvgen(['build', 'plant'], home);
  change(site, MOVED);
  mount(['-o', 'remount,ro', out]);
  assert.match(refused(home, out).stderr, /the disk is read-only \(EROFS\)/);
});

test('another disk within the tree', () => {
  const { home, site, out } = plant(PLANT);
  harvgen(['build', 'plant'], home);
  const www = readAll(join(out, 'www'));
  disk(join(out, 'www'), 'size=1m');
  for (const [path, text] of www) {
    mkdirSync(dirname(join(out, 'www', path)), { recursive: true });
    writeFileSync(join(out, 'www', path), text);
  }
  change(site, MOVED);
  assert.match(refused(home, out).stderr, /different disk .* \(EXDEV\)\. Nothing was changed\.\n$/);
});

for (const path of ['out', 'out/plant', 'out/plant/www', 'out/plant/www/config']) {
  test(`${path} is not writable for the user`, () => {
    const { home, site, out } = plant(PLANT);
    harvgen(['build', 'plant'], home);
    giveAway(home);
    change(
      site,
      edited(MOVED, ['52:54:00:aa:01:02', '52:54:00:aa:01:04'], ['${secret:cluster_token}', '${secret:t}']),
    );
    if (path === 'out') renameSync(out, join(home, 'away')); // then the folder itself cannot be made
    chmodSync(join(home, path), 0o555);
    const { stderr } = refused(home, join(home, 'out'), NOBODY);
    assert.match(
      stderr,
      /^harvgen: .* you have no permission to write it \(EACCES\)\.( Nothing was changed\.)?\n$/,
    );
  });
}

test('a file of the tree that the user cannot read', () => {
  const { home, site, out } = plant(PLANT);
  harvgen(['build', 'plant'], home);
  giveAway(home);
  change(site, MOVED);
  chmodSync(join(out, 'README.md'), 0o000);
  assert.match(refused(home, out, NOBODY).stderr, /^harvgen: .*README\.md cannot be read: EACCES\. .*\n$/);
});

test('an inventory that the user cannot read', () => {
  const { home, site, out } = plant(PLANT);
  harvgen(['build', 'plant'], home);
  giveAway(home);
  chmodSync(join(site, 'site.yaml'), 0o000);
  assert.match(refused(home, out, NOBODY).stderr, /error unreadable-file/);
});

/** An obstacle, and the message about it. */
const OBSTACLES: Readonly<Record<string, [make: (out: string) => void, message: RegExp]>> = {
  'a file for the directory of all outputs': [
    (out) => replace(dirname(out), (path) => writeFileSync(path, 'mine')),
    /a file is at the path of a directory|is a file/,
  ],
  'a file for the directory of the output': [
    (out) => replace(out, (path) => writeFileSync(path, 'mine')),
    /out\/plant is a file/,
  ],
  'a file for a directory in it': [
    (out) => replace(join(out, 'www'), (path) => writeFileSync(path, 'mine')),
    /out\/plant\/www must be a directory/,
  ],
  'a directory for a file': [
    (out) => replace(join(out, 'www/boot.ipxe'), (path) => writeFiles(path, 'precious')),
    /boot\.ipxe must be a file of the output tree but is a directory/,
  ],
  'a link that leads out, for a directory': [
    (out) => replace(join(out, 'www'), (path) => symlinkSync(elsewhere(out), path)),
    /out\/plant\/www must be a directory of the output tree but is a link/,
  ],
  'a link that leads out, for a file': [
    (out) =>
      replace(join(out, 'www/boot.ipxe'), (path) => symlinkSync(join(elsewhere(out), 'precious'), path)),
    /boot\.ipxe must be a file of the output tree but is a link/,
  ],
  'a link that leads nowhere': [
    (out) => replace(join(out, 'www/boot.ipxe'), (path) => symlinkSync('/nonexistent/x', path)),
    /is a link/,
  ],
  'a link that leads out, for the manifest': [
    (out) =>
      replace(join(out, 'manifest.json'), (path) => symlinkSync(join(elsewhere(out), 'precious'), path)),
    /no harvgen manifest/,
  ],
  'a link that leads out, for the work directory of builds': [
    (out) => symlinkSync(elsewhere(out), join(out, '.harvgen')),
    /\.harvgen must be the work directory of builds but is a link/,
  ],
};

for (const [what, [make, message]] of Object.entries(OBSTACLES)) {
  test(what, () => {
    const { home, site, out } = plant(PLANT);
    harvgen(['build', 'plant'], home);
    change(site, MOVED);
    make(out);
    assert.match(refused(home, home).stderr, message);
  });
}

test('links that lead out of the work directory of builds are not followed', () => {
  const { home, site, out } = plant(PLANT);
  harvgen(['build', 'plant'], home);
  change(site, MOVED);
  mkdirSync(join(out, '.harvgen'));
  const far = elsewhere(out);
  for (const name of ['new', 'old']) symlinkSync(far, join(out, '.harvgen', name));
  for (const name of ['.gitignore', 'journal.json', 'journal.json.new'])
    symlinkSync(join(far, 'precious'), join(out, '.harvgen', name));
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  assert.equal(readAll(far), [['precious', 'mine']]);
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
});

test.run();

function plant(text: string): { home: string; site: string; out: string } {
  const site = makeSite(text);
  const home = dirname(site);
  return { home, site, out: join(home, 'out/plant') };
}

function change(site: string, text: string): void {
  writeFileSync(join(site, 'site.yaml'), text);
}

/** Runs a build that must fail with one message and leave everything below a directory as it was. */
function refused(home: string, folder: string, user?: number): Run {
  const before = snapshot(folder);
  const run =
    user === undefined ? harvgen(['build', 'plant'], home) : harvgenAs(user, ['build', 'plant'], home);
  assert.is(run.code, 1, run.stdout);
  assert.is(run.stdout, '');
  assert.not.match(run.stderr, 'a bug in harvgen');
  assert.equal(snapshot(folder), before);
  return run;
}

function harvgenAs(user: number, args: readonly string[], cwd: string): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd,
    encoding: 'utf8',
    uid: user,
    gid: user,
    env: { PATH: process.env.PATH, HOME: cwd },
  });
  return { code: status, stdout, stderr };
}

/** Returns everything below a directory, with its content, mode, inode and time. */
function snapshot(folder: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const path of ['.', ...(readdirSync(folder, { recursive: true }) as string[])].sort()) {
    const full = join(folder, path);
    const { mode, ino, mtimeNs, size } = lstatSync(full, { bigint: true });
    const what = lstatSync(full).isSymbolicLink()
      ? readlinkSync(full)
      : lstatSync(full).isFile()
        ? `${readFileSync(full)} ${mtimeNs} ${size}`
        : '';
    all[path] = `${mode} ${ino} ${what}`;
  }
  return all;
}

/** Mounts an empty disk in memory. */
function disk(folder: string, options: string): void {
  mkdirSync(folder, { recursive: true });
  mount(['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  mounted.push(folder);
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  assert.is(status, 0, stderr);
}

/** Fills the disk of a directory except for a number of bytes. */
function fill(folder: string, left: number): void {
  const ballast = join(folder, 'ballast');
  rmSync(ballast, { force: true });
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, Math.floor((bavail * bsize - left) / bsize) * bsize)));
}

/** Changes the owner of everything below a directory to a user other than root. */
function giveAway(folder: string): void {
  for (const path of ['.', ...(readdirSync(folder, { recursive: true }) as string[])])
    chownSync(join(folder, path), NOBODY, NOBODY);
}

function replace(path: string, make: (path: string) => void): void {
  renameSync(path, `${path}.before`);
  make(path);
}

function elsewhere(out: string): string {
  const folder = join(dirname(dirname(out)), 'elsewhere');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'precious'), 'mine');
  return folder;
}

function writeFiles(folder: string, name: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, name), 'mine');
}

function readAll(folder: string): [path: string, text: string][] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => lstatSync(join(folder, path)).isFile())
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')]);
}
