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
import { outputError } from '../../test/support/write-tree.ts';
import { type Lock, lockFolder } from './lock.ts';

const test = suite('one build at a time');

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Takes a lock that must be free. */
function lockAtOnce(folder: string): Promise<Lock> {
  return lockFolder(folder, (holder) => assert.unreachable(`waits for ${holder}`));
}

/** Returns a directory with a lock of this text. */
function lockedFolder(text: string): string {
  return writeFiles(scratchFolder(), { '.harvgen/lock': text });
}

/** Returns the ID of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

/** Starts a process that runs until it is killed. */
function liveProcess(): ChildProcess {
  return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
}

/** Waits for a directory until the holder is reported; then calls `letGo`, which ends the wait, and returns the holder. */
async function waitedFor(folder: string, letGo: () => void): Promise<string> {
  let holders: string[] = [];
  const lock = await lockFolder(folder, (holder) => {
    holders = [...holders, holder];
    letGo();
  });
  lock.release();
  assert.is(holders.length, 1, 'it is reported once');
  return holders[0] ?? '';
}

test('a lock contains its holder, and leaves no files', async () => {
  const folder = scratchFolder();
  const lock = await lockAtOnce(folder);
  const { '.harvgen/lock': text = '', ...others } = readTree(folder);
  assert.equal(others, { '.harvgen/.gitignore': '*\n' });
  assert.is(text, `${process.pid} ${hostname()}\n`);
  lock.release();
  assert.equal(readdirSync(folder), []);
});

test('of two locks in one process, the second waits until the first is released', async () => {
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

test('a waiting build is informed of the holder', async () => {
  const folder = scratchFolder();
  const lock = await lockAtOnce(folder);
  assert.is(
    await waitedFor(folder, () => lock.release()),
    `another build (process ${process.pid} on ${hostname()})`,
  );
});

test('removes the lock of a dead process at once', async () => {
  const folder = lockedFolder(`${deadProcess()} ${hostname()}\n`);
  writeFiles(folder, { '.harvgen/new/0': 'half of', '.harvgen/old/1': 'old' });
  const lock = await lockAtOnce(folder);
  assert.not(lock.isFirst, 'another build was killed here');
  assert.ok(readFileSync(join(folder, '.harvgen/lock'), 'utf8').startsWith(`${process.pid} ${hostname()}\n`));
  lock.release();
  assert.equal(readTree(folder), {
    '.harvgen/.gitignore': '*\n',
    '.harvgen/new/0': 'half of',
    '.harvgen/old/1': 'old',
  });
});

test('removes the lock of an earlier process with the same ID, as in a new container, at once', async () => {
  const folder = lockedFolder(`${process.pid} ${hostname()}\n`);
  const lock = await lockAtOnce(folder);
  const second = lockFolder(folder, () => {});
  lock.release();
  (await second).release();
  assert.equal(readdirSync(folder), []);
});

test('a signal ends the wait', async () => {
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

test('waits for a running process of this host until it ends', async () => {
  const child = liveProcess();
  const folder = lockedFolder(`${child.pid} ${hostname()}\n`);
  const who = await waitedFor(folder, () => child.kill());
  assert.is(who, `another build (process ${child.pid} on ${hostname()})`);
});

/** Only root can act as two users. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('waits for a running process of another user too', async () => {
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

test('removes the empty lock of a process that died before it wrote its name', async () => {
  const folder = lockedFolder('');
  await waitedFor(folder, () => undefined);
  assert.equal(readTree(folder), {});
});

test('respects the lock of another host, and one without a holder, until it is gone', async () => {
  for (const [text, holder] of Object.entries({
    '1 elsewhere\n': 'another build (process 1 on elsewhere)',
    'x y': 'another build (process x on y)',
    '': 'another build',
    ' \n': 'another build',
    '4711': 'another build',
  })) {
    const folder = lockedFolder(text);
    const who = await waitedFor(folder, () => rmSync(join(folder, '.harvgen', 'lock')));
    assert.is(who, holder, JSON.stringify(text));
  }
});

test('refuses a lock that is not a regular file, and neither reads nor removes it', async () => {
  const kinds: Record<string, (path: string) => void> = {
    'a directory': (path) => mkdirSync(path),
    'a link': (path) => symlinkSync('/dev/zero', path),
    'a special file': (path) => spawnSync('mkfifo', [path]),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    const folder = writeFiles(scratchFolder(), { '.harvgen/mine': '' });
    const lock = join(folder, '.harvgen/lock');
    make(lock);
    assert.is(
      await outputError(() => lockAtOnce(folder)),
      `${lock} must be a lock file but is ${kind}. Move it away and repeat the command.`,
    );
    assert.equal(readdirSync(join(folder, '.harvgen')).sort(), ['lock', 'mine']);
  }
});

test('removes the directories that a lock has created if nothing was written', async () => {
  const home = scratchFolder();
  mkdirSync(join(home, 'there'));
  const lock = await lockAtOnce(join(home, 'there', 'out', 'deep', 'plant'));
  lock.release();
  assert.equal(readdirSync(home), ['there']);
  assert.equal(readdirSync(join(home, 'there')), []);
});

test('removes them for a relative path too', async () => {
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

test('keeps directories that existed before, and written files', async () => {
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

test('keeps unmanaged files in the work directory', async () => {
  const folder = writeFiles(scratchFolder(), { '.harvgen/mine': 'mine', '.harvgen/deep/mine': 'mine' });
  (await lockAtOnce(folder)).release();
  assert.equal(readTree(folder), {
    '.harvgen/.gitignore': '*\n',
    '.harvgen/deep/mine': 'mine',
    '.harvgen/mine': 'mine',
  });
});

test('keeps a journal, and keeps it out of git', async () => {
  const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': '{}' });
  (await lockAtOnce(folder)).release();
  assert.equal(readTree(folder), { '.harvgen/.gitignore': '*\n', '.harvgen/journal.json': '{}' });
});

test('isFirst is true without a running build and without files of a killed one', async () => {
  const folder = scratchFolder();
  const first = await lockAtOnce(folder);
  assert.ok(first.isFirst);
  const waiting = lockFolder(folder, () => {});
  first.release(); // this also removes the work directory
  const second = await waiting;
  assert.not(second.isFirst, 'it has waited for another build');
  second.release();
  const third = await lockAtOnce(folder);
  assert.ok(third.isFirst, 'no other build is left');
  third.release();
  const left = writeFiles(scratchFolder(), { '.harvgen/journal.json': '{}' });
  const next = await lockAtOnce(left);
  assert.not(next.isFirst, 'another build was killed there');
  next.release();
});

test('a second release does not remove the lock of the next build', async () => {
  const folder = scratchFolder();
  const first = await lockAtOnce(folder);
  first.release();
  const second = await lockAtOnce(folder);
  first.release();
  assert.ok(existsSync(join(folder, '.harvgen', 'lock')));
  second.release();
  assert.equal(readdirSync(folder), []);
});

test('a build slow enough to be considered dead removes neither the lock nor the files of the next', async () => {
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

test('refuses a link at the path of the work directory, and does not follow it', async () => {
  const home = writeFiles(scratchFolder(), {
    'mine/new/precious': 'mine',
    'mine/lock': 'mine',
    'plant/a': '1',
  });
  const work = join(home, 'plant', '.harvgen');
  for (const target of [join(home, 'mine'), '../mine', '/nonexistent', '.harvgen']) {
    symlinkSync(target, work);
    assert.is(
      await outputError(() => lockAtOnce(join(home, 'plant'))),
      `${work} must be the work directory of builds but is a link. Move it away and rebuild.`,
    );
    rmSync(work);
  }
  writeFileSync(work, 'mine');
  assert.is(
    await outputError(() => lockAtOnce(join(home, 'plant'))),
    `${work} must be the work directory of builds but is another file. Move it away and rebuild.`,
  );
  rmSync(work);
  assert.equal(readTree(home), { 'mine/lock': 'mine', 'mine/new/precious': 'mine', 'plant/a': '1' });
});

test('does not follow links in the work directory', async () => {
  const home = writeFiles(scratchFolder(), { 'mine/precious': 'mine', file: 'mine', 'plant/.harvgen/x': '' });
  const work = join(home, 'plant', '.harvgen');
  symlinkSync(join(home, 'file'), join(work, '.gitignore'));
  for (const name of ['new', 'old']) symlinkSync(join(home, 'mine'), join(work, name));
  (await lockAtOnce(join(home, 'plant'))).release();
  assert.equal(readTree(join(home, 'mine')), { precious: 'mine' });
  assert.is(readFileSync(join(home, 'file'), 'utf8'), 'mine');
});

test('reports an error for a directory that cannot be created', async () => {
  const home = writeFiles(scratchFolder(), { file: 'mine' });
  assert.match(
    await outputError(() => lockAtOnce(join(home, 'file', 'plant'))),
    /file\/plant\/\.harvgen cannot be written: a file is at the path of a directory \(ENOTDIR\)\.$/,
  );
  symlinkSync('/nonexistent', join(home, 'dangling'));
  assert.match(
    await outputError(() => lockAtOnce(join(home, 'dangling'))),
    /dangling\/\.harvgen cannot be written: .*, or it is a link to a missing file \(ENOENT\)\.$/,
  );
  const own = join(home, 'own');
  mkdirSync(own, { mode: 0o555 });
  chmodSync(home, 0o755);
  assert.is(
    await outputError(() => asNobody(() => lockAtOnce(own))),
    `${join(own, '.harvgen')} cannot be written: you have no permission to write it (EACCES).`,
  );
});

test('waits for a dead lock that this user cannot remove', async () => {
  const home = scratchFolder();
  chmodSync(home, 0o755);
  const folder = join(home, 'plant');
  writeFiles(folder, { '.harvgen/lock': `${deadProcess()} ${hostname()}\n` });
  chmodSync(join(folder, '.harvgen'), 0o555);
  const waiting = asNobody(() => lockFolder(folder, () => {}));
  chmodSync(join(folder, '.harvgen'), 0o755); // without a pause between attempts, this line would never run
  (await waiting).release();
});

test('reports an error for a full disk, and leaves no files', async () => {
  const home = scratchFolder();
  for (let nth = 1; nth <= 2; nth += 1) {
    const realWrite = fs.writeFileSync;
    let writes = 0;
    const isNth = (_: number, name: string) => {
      if (name === 'writeFileSync') writes += 1;
      return name === 'writeFileSync' && writes === nth;
    };
    const message = await outputError(() => onBadDisk(isNth, () => lockAtOnce(join(home, 'out', 'plant'))));
    assert.match(message, /out\/plant\/\.harvgen\/(lock|\.gitignore) cannot be written: EIO\.$/);
    assert.equal(readdirSync(home), [], `write ${nth}`);
    assert.is(fs.writeFileSync, realWrite);
  }
});

/**
 * Returns the code of a process that takes a lock again and again, and logs the begin and end of each turn. It takes the
 * lock one last time and exits with it, which ends that turn too.
 */
function taker(folder: string, log: string, times: number): string {
  return `
    import { appendFileSync } from 'node:fs';
    import { setImmediate as turn } from 'node:timers/promises';
    import { lockFolder } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    const log = (what) => appendFileSync(${JSON.stringify(log)}, what + ' ' + process.pid + '\\n');
    for (let left = ${times}; left >= 0; left -= 1) {
      const lock = await lockFolder(${JSON.stringify(folder)}, () => {});
      log('begin');
      await turn();
      log('end');
      if (left === 0) process.exit();
      lock.release();
    }`;
}

test('120 locks of 12 processes, which all exit with a lock, never overlap', async () => {
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
  assert.equal(readTree(join(home, 'out')), {}, 'no file of the killed processes is left');
});

test.run();
