import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { orUndefined } from '../values/or-undefined.ts';
import { kindOf, OutputError, outputError, readRegular, workPath } from './output-folder.ts';

/** An output directory that is locked for one build. */
export interface Lock {
  /** Whether no other build was running in the directory when this one came, and none had been killed there. */
  readonly isFirst: boolean;
  /** Unlocks the directory. Removes the files that the lock has created, and nothing else. Never throws. */
  release(): void;
}

/**
 * Locks an output directory against other builds, and creates the directory if necessary. Waits for a running build; ignores
 * a lock whose holder is dead. Calls `waiting` once, with the holder, if that takes longer than a moment.
 * Throws OutputError if the directory cannot be written or the holder does not end. Throws an AbortError if `signal` aborts.
 */
export async function lockFolder(
  folder: string,
  waiting: (holder: string) => void,
  signal?: AbortSignal,
): Promise<Lock> {
  const lock = workPath(folder, 'lock');
  let firstMade: string | undefined;
  let tries = 0;
  const tryTake = () => {
    tries += 1;
    const made = makeFolder(folder);
    firstMade ??= made;
    return take(folder, firstMade);
  };
  const stuck = (who: string) =>
    new OutputError(
      `${folder} has been locked by ${who} for a minute. If that build is not running, remove ${lock}.`,
    );
  await waitForLock(lock, tryTake, { other: 'another build', report: waiting, stuck, signal });
  let isReleased = false;
  const release = () => {
    if (!isReleased) clean(folder, firstMade);
    isReleased = true;
  };
  return { isFirst: tries === 1 && firstMade !== undefined, release };
}

/** Creates the work directory; returns the outermost directory that did not exist before. */
function makeFolder(folder: string): string | undefined {
  const path = workPath(folder);
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    // Never write or remove through a link: it may lead out of the directory.
    if (there && !there.isDirectory()) {
      const what = there.isSymbolicLink() ? 'a link' : 'another file';
      throw new OutputError(
        `${path} must be the work directory of builds but is ${what}. Move it away and rebuild.`,
      );
    }
    return there ? undefined : makeFolders(path);
  } catch (error) {
    throw outputError(error, folder);
  }
}

/** Creates directories. Tries again 20 times, because other builds may remove them at the same moment. */
function makeFolders(path: string, tries = 20): string | undefined {
  let outermost: string | undefined = path;
  while (outermost !== dirname(outermost) && !existsSync(dirname(outermost))) outermost = dirname(outermost);
  try {
    mkdirSync(outermost); // separately: for nested directories on a read-only disk, Node reports ENOENT
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && tries > 1) return makeFolders(path, tries - 1);
    if (code !== 'EEXIST') throw error;
    outermost = undefined;
  }
  try {
    mkdirSync(path, { recursive: true });
    return outermost;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 1) throw error;
    return makeFolders(path, tries - 1);
  }
}

function take(folder: string, firstMade: string | undefined): boolean {
  try {
    if (!takeLock(workPath(folder, 'lock'))) return false;
    // Keeps the files of a killed build out of git.
    writeNew(workPath(folder, '.gitignore'), '*\n');
    return true;
  } catch (error) {
    // The build before has just removed the directory.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    clean(folder, firstMade);
    throw outputError(error, folder);
  }
}

/** Removes what a lock has created, the lock itself last: after that, other files may belong to the next build. */
function clean(folder: string, firstMade: string | undefined): void {
  const work = workPath(folder);
  const lock = workPath(folder, 'lock');
  try {
    // The files of an interrupted build stay, and must still not be committed.
    const isLeft = readdirSync(work).some((name) => name !== '.gitignore' && name !== basename(lock));
    if (hasLock(lock) && !isLeft) rmSync(join(work, '.gitignore'), { force: true });
    dropLock(lock);
    rmdirSync(work);
    if (firstMade === undefined) return;
    const outermost = dirname(firstMade);
    for (let path = dirname(work); path !== outermost; path = dirname(path)) rmdirSync(path);
  } catch {
    // The directory contains other files.
  }
}

/** How long to wait for one holder, in milliseconds. */
const PATIENCE = 60_000;
/** The caller is informed of the holder only if it waits longer than this. */
const MOMENT = 500;
/** The process of a lock that stays empty for so long has died between creating and writing it. */
const UNWRITTEN = 5_000;
const BETWEEN_LOOKS = 25;

/** The locks that this process holds. */
const HELD = new Set<string>();

/** The text of a lock of this process. */
const HOLDER = `${process.pid} ${hostname()}\n`;

interface Waiting {
  /** A noun for the other holders: "another build". */
  readonly other: string;
  /** Called once, with the holder of the lock, if waiting takes longer than a moment. */
  readonly report: (holder: string) => void;
  /** Returns the error to throw for a holder that does not end. */
  readonly stuck: (holder: string) => Error;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until `take` has taken a lock file; `take` calls `takeLock` and does the work that comes before and after it. Ignores
 * a lock whose holder is dead. Throws the errors of `take` and `stuck`, and an AbortError if the signal aborts.
 */
export async function waitForLock(path: string, take: () => boolean, waiting: Waiting): Promise<void> {
  const begun = Date.now();
  let since = begun;
  let holder: string | undefined;
  let isReported = false;
  while (!take()) {
    const before = holder;
    holder = read(path);
    // Each holder has its own minute: there may be many in a row.
    if (holder !== before) since = Date.now();
    const isUnwritten = holder === '' && Date.now() - since > UNWRITTEN;
    if (holder !== undefined && (isUnwritten || isDead(path, holder)) && removeDead(path, holder)) continue;
    const who = describe(holder, waiting.other);
    if (Date.now() - since > PATIENCE) throw waiting.stuck(who);
    if (Date.now() - begun > MOMENT && !isReported) {
      waiting.report(who);
      isReported = true;
    }
    await sleep(BETWEEN_LOOKS, undefined, { signal: waiting.signal });
  }
}

/**
 * Takes a lock if it is free; returns whether it did. Throws the errors of `node:fs`, and OutputError if the path of the lock is
 * taken by something that no build releases.
 */
export function takeLock(path: string): boolean {
  if (writeNew(path, HOLDER)) {
    HELD.add(path);
    return true;
  }
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there && !there.isFile())
    throw new OutputError(
      `${path} must be a lock file but is ${kindOf(there)}. Move it away and repeat the command.`,
    );
  return false;
}

function hasLock(path: string): boolean {
  return HELD.has(path) && read(path) === HOLDER;
}

/** Releases a lock if this process has it. Never throws: the next process detects a dead holder. */
export function dropLock(path: string): void {
  const isMine = hasLock(path);
  HELD.delete(path);
  if (isMine) orUndefined(() => rmSync(path, { force: true }));
}

/** Writes a file that does not exist yet; returns whether it did. Follows no link. Throws the errors of `node:fs`. */
function writeNew(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Created, but empty.
    if (code === 'ENOSPC' || code === 'EDQUOT') orUndefined(() => rmSync(path, { force: true }));
    throw error;
  }
}

function read(path: string): string | undefined {
  return orUndefined(() => readRegular(path)?.toString()); // it may be released at this moment
}

/** Whether the process that holds a lock has ended, as far as this machine can tell. */
function isDead(path: string, holder: string): boolean {
  const [pid, host] = holder.trim().split(' ');
  if (!pid || host !== hostname()) return false;
  // In a container, an earlier process may have had the same ID.
  if (Number(pid) === process.pid) return !HELD.has(path);
  try {
    return !process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM'; // it runs as another user
  }
}

/** Removes the lock of a dead process; returns whether it is gone. Moves it away first: meanwhile, it may be the lock of another process. */
function removeDead(path: string, holder: string): boolean {
  const aside = `${path}.${process.pid}`;
  const isGone = orUndefined(() => {
    renameSync(path, aside);
    if (read(aside) !== holder) renameSync(aside, path);
    else rmSync(aside);
    return true;
  });
  return isGone ?? false; // it was gone before, or belongs to another user
}

function describe(holder: string | undefined, other: string): string {
  const [pid, host] = holder?.trim().split(' ') ?? [];
  return pid && host ? `${other} (process ${pid} on ${host})` : other;
}
