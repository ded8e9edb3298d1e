import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OutputError, outputError, workPath } from './output-folder.ts';

/** A folder that one build has for itself. */
export interface Lock {
  /** Whether no other build was at work in the folder when this one came, nor had died there. */
  readonly isFirst: boolean;
  /** Lets others have it. Takes away what the lock has made, and nothing else. Never throws. */
  release(): void;
}

/**
 * Keeps other builds out of an output folder, which is made if it is not there. Waits for one that is at work; a lock
 * whose holder is dead does not count. Calls `waiting` once, with who holds it, when it takes longer than a moment.
 * Throws OutputError where the folder cannot be written, and for a holder that does not end; an AbortError when `signal`
 * says to wait no longer.
 */
export async function lockFolder(
  folder: string,
  waiting: (holder: string) => void,
  signal?: AbortSignal,
): Promise<Lock> {
  const lock = lockOf(folder);
  let firstMade: string | undefined;
  let tries = 0;
  const tryIt = () => {
    tries += 1;
    const made = makeFolder(folder);
    firstMade ??= made;
    return take(folder, firstMade);
  };
  const stuck = (who: string) =>
    new OutputError(
      `${folder} is being written by ${who}, and has been for a minute. If that is not so, remove ${lock}.`,
    );
  await waitForLock(lock, tryIt, { other: 'another build', tell: waiting, stuck, signal });
  let isReleased = false;
  const release = () => {
    if (!isReleased) clean(folder, firstMade);
    isReleased = true;
  };
  return { isFirst: tries === 1 && firstMade !== undefined, release };
}

function lockOf(folder: string): string {
  return workPath(folder, 'lock');
}

/** Makes the work folder; gives the outermost folder that was not there before. */
function makeFolder(folder: string): string | undefined {
  const path = workPath(folder);
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    // Nothing is written through a link, or removed: it may lead out of the folder.
    if (there && !there.isDirectory()) {
      const what = there.isSymbolicLink() ? 'a link' : 'something else';
      throw new OutputError(
        `${path} should be the folder that a build works in, and is ${what}. Move it away, and build again.`,
      );
    }
    return there ? undefined : makeFolders(path);
  } catch (error) {
    throw outputError(error, folder);
  }
}

/** As often folders are made that others, who are done, take away in the same moment. */
const TRIES = 20;

function makeFolders(path: string, tries = TRIES): string | undefined {
  try {
    return makeOnce(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 1) throw error;
    return makeFolders(path, tries - 1);
  }
}

function makeOnce(path: string): string | undefined {
  let outermost = path;
  while (outermost !== dirname(outermost) && !existsSync(dirname(outermost))) outermost = dirname(outermost);
  try {
    mkdirSync(outermost); // alone, since with the others Node says ENOENT of a disk that is read-only
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    outermost = '';
  }
  mkdirSync(path, { recursive: true });
  return outermost || undefined;
}

function take(folder: string, firstMade: string | undefined): boolean {
  try {
    if (!takeLock(lockOf(folder))) return false;
    // What a build that is killed leaves behind is nothing to commit.
    writeNew(workPath(folder, '.gitignore'), '*\n');
    return true;
  } catch (error) {
    // The one before has just taken the folder away.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    clean(folder, firstMade);
    throw outputError(error, folder);
  }
}

/** Removes what a lock has made, the lock itself last: what is removed after it might be the next one's. */
function clean(folder: string, firstMade: string | undefined): void {
  const work = workPath(folder);
  const lock = lockOf(folder);
  const breaker = breakerOf(lock);
  const own = ['.gitignore', basename(breaker), basename(lock)];
  try {
    // What a build that was cut short has left stays, and is still nothing to commit.
    const isLeft = readdirSync(work).some((name) => !own.includes(name));
    if (hasLock(lock)) {
      if (!isLeft) rmSync(join(work, '.gitignore'), { force: true });
      rmSync(breaker, { force: true });
    }
    dropLock(lock);
    rmdirSync(work);
    if (firstMade === undefined) return;
    const outermost = dirname(firstMade);
    for (let path = dirname(work); path !== outermost; path = dirname(path)) rmdirSync(path);
  } catch {
    // Something else lives there.
  }
}

/** How long somebody waits for one other, in milliseconds. */
const PATIENCE = 60_000;
/** Nobody needs it that long: a lock that is older was left by one that died, on whatever machine. */
const OLDEST = 10 * 60_000;
/** Within this time whoever made a lock has written into it who it is. */
const WRITING = 2_000;
/** Who waits no longer than this is not told for whom. */
const MOMENT = 500;
const BETWEEN_LOOKS = 25;
const ME = `${process.pid} ${hostname()}\n`;
/** The locks that this process has. Another one that says so is of a process from before: containers number alike. */
const HELD = new Set<string>();

interface Waiting {
  /** What the others are: "another build". */
  readonly other: string;
  /** Called once, with who has the lock, when it takes longer than a moment. */
  readonly tell: (holder: string) => void;
  /** Gives what to throw for a holder that does not end. */
  readonly stuck: (holder: string) => Error;
  /** Says to wait no longer. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until a lock file is taken by `take`, which calls `takeLock` and does what must be done before and after. A lock
 * whose holder is dead does not count. Throws what `take` and `stuck` give, and an AbortError when the signal comes.
 */
export async function waitForLock(path: string, take: () => boolean, waiting: Waiting): Promise<void> {
  const begun = Date.now();
  let since = begun;
  let holder: string | undefined;
  let isTold = false;
  while (!take()) {
    const before = holder;
    holder = read(path);
    if (holder !== undefined && isDead(path, holder) && breakLock(path, holder)) continue;
    // Each that is at work has its own minute: there may be many in a row.
    if (holder !== before) since = Date.now();
    const who = describe(holder, waiting.other);
    if (Date.now() - since > PATIENCE) throw waiting.stuck(who);
    if (Date.now() - begun > MOMENT && !isTold) {
      waiting.tell(who);
      isTold = true;
    }
    await sleep(BETWEEN_LOOKS, undefined, { signal: waiting.signal });
  }
}

/** Takes a lock if nobody has it; says whether it did. Throws what `node:fs` throws. */
export function takeLock(path: string): boolean {
  if (!writeNew(path, ME)) return false;
  HELD.add(path);
  return true;
}

function hasLock(path: string): boolean {
  return HELD.has(path) && read(path) === ME;
}

/** Lets others have a lock, if this process has it. Never throws: the next one sees when its holder is dead. */
export function dropLock(path: string): void {
  const isMine = hasLock(path);
  HELD.delete(path);
  if (isMine) remove(path);
}

/** The file that breaking a dead lock may leave behind. */
function breakerOf(path: string): string {
  return `${path}.breaking`;
}

/** Writes a file that is not there yet; says whether it did. Follows no link. Throws what `node:fs` throws. */
function writeNew(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOSPC' || code === 'EDQUOT') remove(path); // made, and empty
    throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // it was given back in this moment
  }
}

function isDead(path: string, holder: string): boolean {
  const age = ageOf(path);
  const [pid, host] = holder.trim().split(' ');
  if (!pid || !host) return age > WRITING;
  if (age > OLDEST) return true;
  return host === hostname() && !(holder === ME ? HELD.has(path) : isRunning(Number(pid)));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it runs, and is somebody else's
  }
}

/** How old a file is, in milliseconds; less than anything where there is none. */
function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
}

/**
 * Takes a dead lock away; says whether it is gone. One at a time: of two who do that at once, the slower one would take
 * away the new lock of a third.
 */
function breakLock(path: string, holder: string): boolean {
  const breaker = breakerOf(path);
  try {
    if (ageOf(breaker) > WRITING) rmSync(breaker, { force: true }); // whoever made it died over it
    if (!writeNew(breaker, '')) return false;
    if (read(path) === holder) rmSync(path);
    rmSync(breaker, { force: true });
    return true;
  } catch {
    return false; // it is somebody else's
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Whoever comes next sees that its holder is dead.
  }
}

function describe(holder: string | undefined, other: string): string {
  const [pid, host] = holder?.trim().split(' ') ?? [];
  return pid && host ? `${other} (process ${pid} on ${host})` : other;
}
