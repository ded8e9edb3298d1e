import { mkdirSync, realpathSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { Changes, Scope } from './changes.ts';

const test = suite('watched changes');

// A watcher that follows links without an end, or reports nothing, must not hold the tests.
const LONGEST = 60_000;
let limit: NodeJS.Timeout | undefined;

test.before(() => {
  limit = setTimeout(() => {
    process.stderr.write(`the tests of watched changes do not end within ${LONGEST / 1000} seconds\n`);
    process.exit(1);
  }, LONGEST).unref();
});

test.after(() => clearTimeout(limit));

let changes: Changes | undefined;

test.after.each(async () => {
  await changes?.close();
});

/** Watches a site; returns its file. */
async function watched(): Promise<{ file: string; all: Changes }> {
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': '1' });
  changes = await Changes.open(new Scope([join(home, 'plant')], []));
  return { file: join(home, 'plant/site.yaml'), all: changes };
}

/** Blocks the event loop, as a build does. */
function busy(time: number): void {
  for (const end = Date.now() + time; Date.now() < end; );
}

test('are reported once per save, also if an editor saves in several steps', async () => {
  const { file, all } = await watched();
  for (const save of [
    () => writeFileSync(file, '2'),
    () => {
      writeFileSync(`${file}~`, '3');
      renameSync(`${file}~`, file);
    },
    async () => {
      unlinkSync(file);
      await sleep(5);
      writeFileSync(file, '4');
    },
    async () => {
      writeFileSync(file, '');
      await sleep(5);
      writeFileSync(file, '5');
    },
  ]) {
    const reported = all.next();
    await save();
    assert.equal(await reported, [file]);
  }
  assert.is(await Promise.race([all.next(), sleep(300)]), undefined);
});

test('in a new directory require a new watch, since a file can precede it', async () => {
  const { file, all } = await watched();
  const scope = new Scope([join(file, '..')], []);
  assert.not(await all.watchAgain(scope));
  const reported = all.next();
  mkdirSync(join(file, '../racks'));
  assert.equal(await reported, [join(file, '../racks')]);
  assert.ok(await all.watchAgain(scope));
  assert.not(await all.watchAgain(scope));
  const second = all.next();
  writeFileSync(join(file, '../racks/a.yaml'), '1');
  assert.equal(await second, [join(file, '../racks/a.yaml')]);
});

test('during work are reported after it, all together', async () => {
  const { file, all } = await watched();
  const other = join(file, '../other.yaml');
  const reported = all.next();
  writeFileSync(file, '2');
  assert.equal(await reported, [file]);
  writeFileSync(file, '3');
  writeFileSync(other, '1');
  busy(80);
  await sleep(80);
  assert.equal(await all.next(), [other, file].sort());
  assert.is(await Promise.race([all.next(), sleep(300)]), undefined);
});

test('are reported even if there is no pause', async () => {
  const { file, all } = await watched();
  const saving = setInterval(() => writeFileSync(file, String(Math.random())), 5);
  // Changes after the reported ones are new.
  for (let times = 0; times < 2; times += 1) assert.equal(await all.next(), [file]);
  clearInterval(saving);
});

test('in directories with links to each other are reported at one path each', async () => {
  const home = realpathSync(scratchFolder());
  const folders = ['plant/a', 'plant/b', 'plant/c', 'shared/d', 'shared/e'].map((name) => join(home, name));
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'nodes.yaml'), '1');
  }
  for (const folder of folders)
    for (const [index, other] of folders.entries()) symlinkSync(other, join(folder, `to-${index}`));
  changes = await Changes.open(new Scope([join(home, 'plant')], []));
  const all = changes;
  for (const [folder, wanted] of [
    ['plant/b', /^plant\/b\/nodes\.yaml$/],
    ['shared/e', /^plant\/[abc]\/to-[34]\/(to-4\/)?nodes\.yaml$/],
  ] as const) {
    const reported = all.next();
    writeFileSync(join(home, folder, 'nodes.yaml'), '2');
    const [path = '', ...others] = await reported;
    assert.match(path.slice(home.length + 1), wanted);
    assert.equal(others, []);
  }
});

test('behind a link that two sites have are reported for both', async () => {
  const home = realpathSync(scratchFolder());
  const files = ['a/site.yaml', 'b/site.yaml', 'shared/ipxe/boot.ipxe.eta'];
  writeFiles(home, Object.fromEntries(files.map((file) => [file, '1'])));
  for (const site of ['a', 'b']) symlinkSync(join(home, 'shared'), join(home, site, 'templates'));
  const requested = ['a/templates', 'b/templates', 'shared'].map((path) => join(home, path));
  changes = await Changes.open(new Scope([join(home, 'a'), join(home, 'b')], requested));
  const reported = changes.next();
  writeFileSync(join(home, 'shared/ipxe/boot.ipxe.eta'), '2');
  assert.equal(
    await reported,
    ['a', 'b'].map((site) => join(home, site, 'templates/ipxe/boot.ipxe.eta')),
  );
});

test('are reported only once', async () => {
  const { file, all } = await watched();
  const reported = all.next();
  mkdirSync(join(file, '../folder'));
  writeFileSync(join(file, '../folder/a.yaml'), '1');
  writeFileSync(file, '2');
  await reported;
  assert.is(await Promise.race([all.next(), sleep(300)]), undefined);
});

test.run();
