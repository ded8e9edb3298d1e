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
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OutputError, outputError } from './output-error.ts';
import { workPath } from './work-folder.ts';

/** How long a build waits for another one, in milliseconds. */
const PATIENCE = 60_000;
/** No build takes that long: a lock that is older was left by one that died, on whatever machine. */
const OLDEST = 10 * 60_000;
/** Within this time whoever made a lock has written into it who it is. */
const WRITING = 2_000;
const BETWEEN_LOOKS = 25;
/** The files that belong to the lock, itself the last: what is removed after it might be the next one's. */
const OWN = ['.gitignore', 'lock.breaking', 'lock'];
/** What a lock of this process says. */
const ME = `${process.pid} ${hostname()}\n`;
/** The locks that this process has. Another one that says so is of a process from before: containers number alike. */
const HELD = new Set<string>();

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
  const lock = workPath(folder, 'lock');
  const begun = Date.now();
  let since = begun;
  let holder: string | undefined;
  let firstMade: string | undefined;
  let isFirst = true;
  let isTold = false;
  for (; ; isFirst = false) {
    const made = makeFolder(folder);
    firstMade ??= made;
    isFirst &&= made !== undefined;
    if (take(folder, firstMade)) {
      let isReleased = false;
      HELD.add(lock);
      const release = () => {
        if (!isReleased) clean(folder, firstMade);
        isReleased = true;
        HELD.delete(lock);
      };
      return { isFirst, release };
    }
    const before = holder;
    holder = read(lock);
    if (holder !== undefined && isDead(lock, holder) && breakLock(lock, holder)) continue;
    // Each that is at work has its own minute: there may be many in a row.
    if (holder !== before) since = Date.now();
    const waited = Date.now() - begun;
    const who = describe(holder);
    if (Date.now() - since > PATIENCE) {
      throw new OutputError(
        `${folder} is being written by ${who}, and has been for a minute. If that is not so, remove ${lock}.`,
      );
    }
    if (waited > 500 && !isTold) {
      waiting(who);
      isTold = true;
    }
    await sleep(BETWEEN_LOOKS, undefined, { signal });
  }
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

/** Makes a folder, and those above it; gives the outermost. Node alone says ENOENT of a disk that is read-only. */
function makeFolders(path: string): string | undefined {
  let outermost = path;
  while (outermost !== dirname(outermost) && !existsSync(dirname(outermost))) outermost = dirname(outermost);
  try {
    mkdirSync(outermost);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
    return mkdirSync(path, { recursive: true }); // somebody else makes or removes them in this moment
  }
  mkdirSync(path, { recursive: true });
  return outermost;
}

/** Takes the lock of a folder, if nobody has it. */
function take(folder: string, firstMade: string | undefined): boolean {
  const lock = workPath(folder, 'lock');
  try {
    if (!writeNew(lock, ME)) return false;
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

/** Writes a file that is not there yet; says whether it did. Follows no link. */
function writeNew(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOSPC' || code === 'EDQUOT') rmSync(path, { force: true }); // made, and empty
    throw error;
  }
}

function read(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return undefined; // it was given back in this moment
  }
}

function isDead(lock: string, holder: string): boolean {
  const age = ageOf(lock);
  const [pid, host] = holder.trim().split(' ');
  if (!pid || !host) return age > WRITING;
  return age > OLDEST || (host === hostname() && !(holder === ME ? HELD.has(lock) : isRunning(Number(pid))));
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
function breakLock(lock: string, holder: string): boolean {
  const breaker = `${lock}.breaking`;
  try {
    if (ageOf(breaker) > WRITING) rmSync(breaker, { force: true }); // whoever made it died over it
    if (!writeNew(breaker, '')) return false;
    if (read(lock) === holder) rmSync(lock);
    rmSync(breaker, { force: true });
    return true;
  } catch {
    return false; // it is somebody else's
  }
}

function describe(holder: string | undefined): string {
  const [pid, host] = holder?.trim().split(' ') ?? [];
  return pid && host ? `another build (process ${pid} on ${host})` : 'another build';
}

/** Removes what a lock has made. */
function clean(folder: string, firstMade: string | undefined): void {
  const work = workPath(folder);
  try {
    const isMine = read(workPath(folder, 'lock')) === ME;
    // What a build that was cut short has left stays, and is still nothing to commit.
    const isLeft = readdirSync(work).some((name) => !OWN.includes(name));
    for (const name of isMine ? OWN.slice(isLeft ? 1 : 0) : []) rmSync(join(work, name), { force: true });
    rmdirSync(work);
    if (firstMade === undefined) return;
    const outermost = dirname(firstMade);
    for (let path = dirname(work); path !== outermost; path = dirname(path)) rmdirSync(path);
  } catch {
    // Something else lives there.
  }
}
