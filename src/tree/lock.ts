import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { breakerOf, dropLock, hasLock, takeLock, waitForLock, writeNew } from './lock-file.ts';
import { OutputError, outputError } from './output-error.ts';
import { workPath } from './work-folder.ts';

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
  let isMadeNow = false;
  const tryIt = () => {
    tries += 1;
    const made = makeFolder(folder);
    firstMade ??= made;
    isMadeNow = made !== undefined;
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
  return { isFirst: tries === 1 && isMadeNow, release };
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

/** Makes a folder, and those above it; gives the outermost. */
function makeFolders(path: string): string | undefined {
  for (let tries = 1; ; tries += 1) {
    try {
      return makeOnce(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error;
    }
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

/** Takes the lock of a folder, if nobody has it. */
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
