import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asNobody, onBadDisk } from '../../test/support/bad-disk.ts';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { outputFault } from '../../test/support/write-tree.ts';
import { type Lock, lockFolder } from './lock.ts';

const test = suite('one build at a time');

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MINUTE = 60_000;

/** Takes a lock for which nobody should have to wait. */
function lockAtOnce(folder: string): Promise<Lock> {
  return lockFolder(folder, (holder) => assert.unreachable(`waits for ${holder}`));
}

/** A folder that holds a lock with this text, of so long ago, in milliseconds. */
function lockedFolder(text: string, age = 0): string {
  const folder = writeFiles(scratchFolder(), { '.harvgen/lock': text });
  setAge(join(folder, '.harvgen', 'lock'), age);
  return folder;
}

function setAge(path: string, age: number): void {
  const then = new Date(Date.now() - age);
  utimesSync(path, then, then);
}

/** The id of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

/** A process that runs until it is killed. */
function liveProcess(): ChildProcess {
  return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
}

/** Waits for a folder until it is told whom for; does then what lets it go, and gives who that was. */
async function waitedFor(folder: string, letGo: () => void): Promise<string> {
  let told: string[] = [];
  const lock = await lockFolder(folder, (holder) => {
    told = [...told, holder];
    letGo();
  });
  lock.release();
  assert.is(told.length, 1, 'it is told once');
  return told[0] ?? '';
}

test('a lock says whose it is, and leaves nothing behind', async () => {
  const folder = scratchFolder();
  const lock = await lockAtOnce(folder);
  assert.equal(readTree(folder), {
    '.harvgen/.gitignore': '*\n',
    '.harvgen/lock': `${process.pid} ${hostname()}\n`,
  });
  lock.release();
  assert.equal(readdirSync(folder), []);
});

test('of two in one process the second gets it when the first gives it back, and not before', async () => {
  const folder = scratchFolder();
  const first = await lockAtOnce(folder);
  const order: string[] = [];
  const second = lockFolder(folder, () => {}).then((lock) => {
    order.push('second');
    return lock;
  });
  for (let turns = 0; turns < 100; turns += 1) await turn();
  order.push('first released');
  first.release();
  (await second).release();
  assert.equal(order, ['first released', 'second']);
  assert.equal(readdirSync(folder), []);
});

test('one that waits is told who is at work', async () => {
  const folder = scratchFolder();
  const lock = await lockAtOnce(folder);
  assert.is(
    await waitedFor(folder, () => lock.release()),
    `another build (process ${process.pid} on ${hostname()})`,
  );
});

test('the lock of a process that is dead is broken at once', async () => {
  const folder = lockedFolder(`${deadProcess()} ${hostname()}\n`);
  writeFiles(folder, { '.harvgen/new/0': 'half of', '.harvgen/old/1': 'old' });
  const lock = await lockAtOnce(folder);
  assert.not(lock.isFirst, 'another one has died here');
  assert.is(readFileSync(join(folder, '.harvgen/lock'), 'utf8'), `${process.pid} ${hostname()}\n`);
  lock.release();
  assert.equal(readTree(folder), {
    '.harvgen/.gitignore': '*\n',
    '.harvgen/new/0': 'half of',
    '.harvgen/old/1': 'old',
  });
});

test('the lock of a process from before with the same number, as in a new container, is broken at once', async () => {
  const folder = lockedFolder(`${process.pid} ${hostname()}\n`);
  const lock = await lockAtOnce(folder);
  const second = lockFolder(folder, () => {});
  lock.release();
  (await second).release();
  assert.equal(readdirSync(folder), []);
});

test('whoever waits can be told to wait no longer', async () => {
  const child = liveProcess();
  const folder = lockedFolder(`${child.pid} ${hostname()}\n`);
  const end = new AbortController();
  const waiting = lockFolder(folder, () => end.abort(), end.signal);
  await waiting.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, 'AbortError'),
  );
  child.kill();
});

test('a process of this host that runs is waited for, until it ends', async () => {
  const child = liveProcess();
  const folder = lockedFolder(`${child.pid} ${hostname()}\n`);
  const who = await waitedFor(folder, () => child.kill());
  assert.is(who, `another build (process ${child.pid} on ${hostname()})`);
});

/** Only root can be two people. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('a process of somebody else that runs is waited for too', async () => {
  const child = liveProcess();
  const folder = lockedFolder(`${child.pid} ${hostname()}\n`);
  chmodSync(folder, 0o777);
  chmodSync(join(folder, '.harvgen'), 0o777);
  const waiting = asNobody(() => lockFolder(folder, () => {}));
  assert.is(readFileSync(join(folder, '.harvgen/lock'), 'utf8'), `${child.pid} ${hostname()}\n`);
  child.kill();
  await once(child, 'exit');
  (await waiting).release();
});

test('the lock of another host is respected until it is ten minutes old', async () => {
  const young = lockedFolder('1 elsewhere\n', 9 * MINUTE);
  const who = await waitedFor(young, () => setAge(join(young, '.harvgen/lock'), 11 * MINUTE));
  assert.is(who, 'another build (process 1 on elsewhere)');
  (await lockAtOnce(lockedFolder('1 elsewhere\n', 11 * MINUTE))).release();
});

test('a lock that does not say yet whose it is counts while it is fresh', async () => {
  const texts = ['', ' \n', '4711', '\n\n'];
  for (const text of texts) (await lockAtOnce(lockedFolder(text, 3000))).release();
  await Promise.all(
    texts.map(async (text) => {
      const folder = lockedFolder(text, -MINUTE); // as by a clock that is ahead
      const who = await waitedFor(folder, () => setAge(join(folder, '.harvgen/lock'), 3000));
      assert.is(who, 'another build', JSON.stringify(text));
    }),
  );
});

for (const text of ['x y', '0x1p', '999999999999999999999 host', 'ä ö ü']) {
  test(`a lock that says ${JSON.stringify(text)} is one of another host, and lasts no longer`, async () => {
    (await lockAtOnce(lockedFolder(text, 11 * MINUTE))).release();
  });
}

test('the folders that a lock has made go with it if nothing was written', async () => {
  const home = scratchFolder();
  mkdirSync(join(home, 'there'));
  const lock = await lockAtOnce(join(home, 'there', 'out', 'deep', 'plant'));
  lock.release();
  assert.equal(readdirSync(home), ['there']);
  assert.equal(readdirSync(join(home, 'there')), []);
});

test('they go where the path is relative, too', async () => {
  const home = scratchFolder();
  const before = process.cwd();
  process.chdir(home);
  try {
    for (const folder of [
      'out/plant',
      './out/plant',
      'out//plant/',
      'plant',
      `../${home.split('/').pop()}/o/p`,
    ]) {
      const lock = await lockAtOnce(folder);
      assert.ok(existsSync(join(folder, '.harvgen', 'lock')));
      lock.release();
      assert.equal(readdirSync(home), [], folder);
    }
  } finally {
    process.chdir(before);
  }
});

test('folders that were there before stay, and so does what was written', async () => {
  const home = scratchFolder();
  const empty = join(home, 'out', 'empty');
  mkdirSync(empty, { recursive: true });
  (await lockAtOnce(empty)).release();
  assert.equal(readdirSync(empty), []);
  const lock = await lockAtOnce(join(home, 'out', 'plant'));
  writeFiles(join(home, 'out', 'plant'), { a: '1' });
  lock.release();
  assert.equal(readTree(home), { 'out/plant/a': '1' });
});

test('files of somebody else in the folder that builds work in stay', async () => {
  const folder = writeFiles(scratchFolder(), { '.harvgen/mine': 'mine', '.harvgen/deep/mine': 'mine' });
  (await lockAtOnce(folder)).release();
  assert.equal(readTree(folder), {
    '.harvgen/.gitignore': '*\n',
    '.harvgen/deep/mine': 'mine',
    '.harvgen/mine': 'mine',
  });
});

test('a journal stays, and is nothing to commit', async () => {
  const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': '{}' });
  (await lockAtOnce(folder)).release();
  assert.equal(readTree(folder), { '.harvgen/.gitignore': '*\n', '.harvgen/journal.json': '{}' });
});

test('the first is the one that finds nobody at work, nor what somebody left who died', async () => {
  const folder = scratchFolder();
  const first = await lockAtOnce(folder);
  assert.ok(first.isFirst);
  const waiting = lockFolder(folder, () => {});
  first.release(); // and with it goes the folder that it worked in
  const second = await waiting;
  assert.not(second.isFirst, 'it has waited for another one');
  second.release();
  const third = await lockAtOnce(folder);
  assert.ok(third.isFirst, 'nobody is there any more');
  third.release();
  const left = writeFiles(scratchFolder(), { '.harvgen/journal.json': '{}' });
  const next = await lockAtOnce(left);
  assert.not(next.isFirst, 'another one has died there');
  next.release();
});

test('to release twice does not take the lock of the next', async () => {
  const folder = scratchFolder();
  const first = await lockAtOnce(folder);
  first.release();
  const second = await lockAtOnce(folder);
  first.release();
  assert.ok(existsSync(join(folder, '.harvgen', 'lock')));
  second.release();
  assert.equal(readdirSync(folder), []);
});

test('one that took so long that it was held for dead does not take the lock of the next, nor its work', async () => {
  const folder = scratchFolder();
  const slow = await lockAtOnce(folder);
  writeFiles(folder, { '.harvgen/lock': '1 elsewhere\n', '.harvgen/new/0': 'of the next' });
  slow.release();
  assert.equal(readTree(folder), {
    '.harvgen/.gitignore': '*\n',
    '.harvgen/lock': '1 elsewhere\n',
    '.harvgen/new/0': 'of the next',
  });
});

test('somebody who died while breaking a lock does not keep others from it', async () => {
  const folder = lockedFolder(`${deadProcess()} ${hostname()}\n`);
  const breaker = join(folder, '.harvgen', 'lock.breaking');
  writeFileSync(breaker, '');
  setAge(breaker, -MINUTE);
  assert.is(
    (await waitedFor(folder, () => setAge(breaker, 3000))).replace(/process \d+/, 'process N'),
    `another build (process N on ${hostname()})`,
  );
  assert.equal(readdirSync(folder), []);
});

test('a link in place of the folder that builds work in is refused, and not followed', async () => {
  const home = writeFiles(scratchFolder(), {
    'mine/new/precious': 'mine',
    'mine/lock': 'mine',
    'plant/a': '1',
  });
  const work = join(home, 'plant', '.harvgen');
  for (const target of [join(home, 'mine'), '../mine', '/nonexistent', '.harvgen']) {
    symlinkSync(target, work);
    assert.is(
      await outputFault(() => lockAtOnce(join(home, 'plant'))),
      `${work} should be the folder that a build works in, and is a link. Move it away, and build again.`,
    );
    rmSync(work);
  }
  writeFileSync(work, 'mine');
  assert.is(
    await outputFault(() => lockAtOnce(join(home, 'plant'))),
    `${work} should be the folder that a build works in, and is something else. Move it away, and build again.`,
  );
  rmSync(work);
  assert.equal(readTree(home), { 'mine/lock': 'mine', 'mine/new/precious': 'mine', 'plant/a': '1' });
});

test('links in that folder are not followed', async () => {
  const home = writeFiles(scratchFolder(), { 'mine/precious': 'mine', file: 'mine', 'plant/.harvgen/x': '' });
  const work = join(home, 'plant', '.harvgen');
  symlinkSync(join(home, 'file'), join(work, '.gitignore'));
  for (const name of ['new', 'old']) symlinkSync(join(home, 'mine'), join(work, name));
  (await lockAtOnce(join(home, 'plant'))).release();
  assert.equal(readTree(join(home, 'mine')), { precious: 'mine' });
  assert.is(readFileSync(join(home, 'file'), 'utf8'), 'mine');
});

test('a folder that cannot be made is an error that says so', async () => {
  const home = writeFiles(scratchFolder(), { file: 'mine' });
  assert.match(
    await outputFault(() => lockAtOnce(join(home, 'file', 'plant'))),
    /file\/plant\/\.harvgen cannot be written: there is a file where a folder should be \(ENOTDIR\)\.$/,
  );
  symlinkSync('/nonexistent', join(home, 'dangling'));
  assert.match(
    await outputFault(() => lockAtOnce(join(home, 'dangling'))),
    /dangling\/\.harvgen cannot be written: .*, or that is a link to nothing \(ENOENT\)\.$/,
  );
  const own = join(home, 'own');
  mkdirSync(own, { mode: 0o555 });
  chmodSync(home, 0o755);
  assert.is(
    await outputFault(() => asNobody(() => lockAtOnce(own))),
    `${join(own, '.harvgen')} cannot be written: it is not yours to write (EACCES).`,
  );
});

test('a dead lock that is not ours to break is waited for', async () => {
  const home = scratchFolder();
  chmodSync(home, 0o755);
  const folder = join(home, 'plant');
  writeFiles(folder, { '.harvgen/lock': `${deadProcess()} ${hostname()}\n` });
  chmodSync(join(folder, '.harvgen'), 0o555);
  const waiting = asNobody(() => lockFolder(folder, () => {}));
  chmodSync(join(folder, '.harvgen'), 0o755); // had it tried again without a rest, this would never come
  (await waiting).release();
});

test('a full disk is an error that says so, and leaves nothing behind', async () => {
  const home = scratchFolder();
  for (let nth = 1; nth <= 2; nth += 1) {
    const realWrite = fs.writeFileSync;
    let writes = 0;
    const isNth = (_: number, name: string) => {
      if (name === 'writeFileSync') writes += 1;
      return name === 'writeFileSync' && writes === nth;
    };
    const said = await outputFault(() => onBadDisk(isNth, () => lockAtOnce(join(home, 'out', 'plant'))));
    assert.match(said, /out\/plant\/\.harvgen\/(lock|\.gitignore) cannot be written: EIO\.$/);
    assert.equal(readdirSync(home), [], `write ${nth}`);
    assert.is(fs.writeFileSync, realWrite);
  }
});

/**
 * Takes a lock again and again, and says in a file when it begins and ends. At last it takes it once more and dies over
 * it, which is a kind of end too.
 */
function taker(folder: string, log: string, times: number): string {
  return `
    import { appendFileSync } from 'node:fs';
    import { setImmediate as turn } from 'node:timers/promises';
    import { lockFolder } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    const say = (what) => appendFileSync(${JSON.stringify(log)}, what + ' ' + process.pid + '\\n');
    for (let left = ${times}; left >= 0; left -= 1) {
      const lock = await lockFolder(${JSON.stringify(folder)}, () => {});
      say('begin');
      await turn();
      say('end');
      if (left === 0) process.exit();
      lock.release();
    }`;
}

test('a hundred and twenty in a dozen processes, of which all die in the end, are never at work together', async () => {
  const home = scratchFolder();
  const log = join(home, 'log');
  const PROCESSES = 12;
  const TIMES = 9;
  const code = taker(join(home, 'out', 'plant'), log, TIMES);
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  assert.equal(codes, Array(PROCESSES).fill(0));
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 2 * PROCESSES * (TIMES + 1));
  for (let index = 0; index < lines.length; index += 2) {
    const [what, pid] = (lines[index] ?? '').split(' ');
    assert.is(what, 'begin', `line ${index + 1}`);
    assert.is(lines[index + 1], `end ${pid}`, `line ${index + 2}`);
  }
  (await lockAtOnce(join(home, 'out', 'plant'))).release();
  assert.equal(readTree(join(home, 'out')), {}, 'what those who died have left is gone');
});

test.run();
