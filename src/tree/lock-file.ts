import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long somebody waits for one other, in milliseconds. */
const PATIENCE = 60_000;
/** Nobody needs it that long: a lock that is older was left by one that died, on whatever machine. */
const OLDEST = 10 * 60_000;
/** Within this time whoever made a lock has written into it who it is. */
const WRITING = 2_000;
/** Who waits no longer than this is not told for whom. */
const MOMENT = 500;
const BETWEEN_LOOKS = 25;
/** What a lock of this process says. */
const ME = `${process.pid} ${hostname()}\n`;
/** The locks that this process has. Another one that says so is of a process from before: containers number alike. */
const HELD = new Set<string>();

/** How somebody waits for a lock. */
export interface Waiting {
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

/** Says whether this process has a lock. */
export function hasLock(path: string): boolean {
  return HELD.has(path) && read(path) === ME;
}

/** Lets others have a lock, if this process has it. Never throws: the next one sees when its holder is dead. */
export function dropLock(path: string): void {
  const isMine = hasLock(path);
  HELD.delete(path);
  if (isMine) remove(path);
}

/** Gives the files that breaking a dead lock may leave behind, beside it. */
export function breakerOf(path: string): string {
  return `${path}.breaking`;
}

/** Writes a file that is not there yet; says whether it did. Follows no link. Throws what `node:fs` throws. */
export function writeNew(path: string, content: string): boolean {
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
