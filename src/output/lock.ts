import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
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
 * Throws OutputError where the folder cannot be written, and for a holder that does not end.
 */
export async function lockFolder(folder: string, waiting: (holder: string) => void): Promise<Lock> {
  const lock = workPath(folder, 'lock');
  const begun = Date.now();
  let firstMade: string | undefined;
  let isTold = false;
  for (;;) {
    const made = makeFolder(folder);
    firstMade ??= made;
    if (take(lock)) {
      // What a build that is killed leaves behind is nothing to commit.
      write(workPath(folder, '.gitignore'), '*\n', folder);
      let isReleased = false;
      const release = () => {
        if (!isReleased) clean(folder, firstMade);
        isReleased = true;
      };
      return { isFirst: made !== undefined, release };
    }
    const holder = read(lock);
    if (holder !== undefined && isDead(lock, holder)) {
      breakLock(lock, holder);
      continue;
    }
    const waited = Date.now() - begun;
    const who = describe(holder);
    if (waited > PATIENCE) {
      throw new OutputError(
        `${folder} is being written by ${who}, and has been for a minute. If that is not so, remove ${lock}.`,
      );
    }
    if (waited > 500 && !isTold) {
      waiting(who);
      isTold = true;
    }
    await sleep(BETWEEN_LOOKS);
  }
}

/** Makes the work folder; gives the outermost folder that was not there before. */
function makeFolder(folder: string): string | undefined {
  try {
    return mkdirSync(workPath(folder), { recursive: true });
  } catch (error) {
    throw outputError(error, folder);
  }
}

/** Takes a lock, if nobody has it. */
function take(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid} ${hostname()}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The one before has just taken the folder away, or has the lock.
    if (code === 'ENOENT' || code === 'EEXIST') return false;
    if (code === 'ENOSPC' || code === 'EDQUOT') rmSync(lock, { force: true }); // made, and empty
    throw outputError(error, lock);
  }
}

function write(path: string, content: string, folder: string): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    clean(folder, undefined);
    throw outputError(error, folder);
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
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
  const [pid, host] = holder.trim().split(' ');
  if (!pid || !host) return age > WRITING;
  return age > OLDEST || (host === hostname() && !isRunning(Number(pid)));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it runs, and is somebody else's
  }
}

/** Takes a dead lock away. Two who try that at once must not take away the new lock of a third. */
function breakLock(lock: string, holder: string): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (readFileSync(aside, 'utf8') === holder) rmSync(aside);
    else renameSync(aside, lock);
  } catch {
    // Somebody else was faster.
  }
}

function describe(holder: string | undefined): string {
  const [pid, host] = holder?.trim().split(' ') ?? [];
  return pid && host ? `another build (process ${pid} on ${host})` : 'another build';
}

/** Removes what a lock has made, the lock last: what is removed after it might be the next one's. */
function clean(folder: string, firstMade: string | undefined): void {
  try {
    for (const name of ['new', 'old', '.gitignore', 'lock']) {
      rmSync(workPath(folder, name), { recursive: true, force: true });
    }
    rmdirSync(workPath(folder));
    if (firstMade === undefined) return;
    const outermost = dirname(firstMade);
    for (let path = folder; path !== outermost && path.startsWith(outermost); path = dirname(path)) {
      rmdirSync(path);
    }
  } catch {
    // Something else lives there.
  }
}
