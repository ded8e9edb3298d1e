import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { displayPath } from '../diagnostics/text.ts';
import { meaningOf } from '../output/output-error.ts';
import { SaveError } from './save.ts';

/** Hidden, and not ending in .yaml: no file of the site. */
const NAME = '.harvgen-set.lock';
/** How long an edit waits for another one, in milliseconds. */
const PATIENCE = 60_000;
/** No edit takes that long: a lock that is older was left by one that died, on whatever machine. */
const OLDEST = 10 * 60_000;
/** Within this time whoever made a lock has written into it who it is. */
const WRITING = 2_000;
const BETWEEN_LOOKS = 25;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How somebody waits for a lock. */
export interface Waiting {
  /** Called once, with who has the lock, when it takes longer than a moment. */
  readonly tell: (holder: string) => void;
  /** The folder that messages show paths relative to. */
  readonly folder: string;
}

/**
 * Keeps other edits out of a site, from before its files are read until they are saved: of two at once, one would lose
 * what the other has saved. Waits for one that is at work; a lock whose holder is dead does not count. Gives what lets
 * others in again; a signal that ends the process does so, too. A folder that is not there has no lock, and needs none.
 * Throws SaveError where the folder cannot be written, and for a holder that does not end.
 */
export async function lockSite(site: string, { tell, folder }: Waiting): Promise<() => void> {
  const lock = join(site, NAME);
  const me = `${process.pid} ${hostname()}\n`;
  const begun = Date.now();
  let since = begun;
  let holder: string | undefined;
  let isTold = false;
  try {
    while (!writeNew(lock, me)) {
      const before = holder;
      holder = read(lock);
      if (holder === undefined || (isDead(lock, holder) && isBroken(lock, holder))) continue;
      // Each that is at work has its own minute: there may be many in a row.
      if (holder !== before) since = Date.now();
      if (Date.now() - since > PATIENCE) {
        const [path, file] = [displayPath(site, folder), displayPath(lock, folder)];
        throw new SaveError(
          `${path} is being edited by ${describe(holder)}, and has been for a minute: if that is not so, remove ${file}`,
        );
      }
      if (Date.now() - begun > 500 && !isTold) {
        tell(describe(holder));
        isTold = true;
      }
      await sleep(BETWEEN_LOOKS);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return () => {};
    if (!code) throw error;
    throw new SaveError(`${displayPath(site, folder)} cannot be written: ${meaningOf(code)}`);
  }
  return releaser(lock, me);
}

function releaser(lock: string, me: string): () => void {
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, end);
    if (read(lock) === me) remove(lock);
  };
  const end = (signal: NodeJS.Signals) => {
    release();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return release;
}

/** Writes a file that is not there yet; says whether it did. Follows no link. */
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

/** Gives what a lock says; undefined for one that was given back in this moment. */
function read(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isDead(lock: string, holder: string): boolean {
  const age = ageOf(lock);
  const [pid, host] = holder.trim().split(' ');
  if (!pid || !host) return age > WRITING;
  return age > OLDEST || (host === hostname() && !isRunning(Number(pid)));
}

function isRunning(pid: number): boolean {
  // A lock of before that says the number of this process is of another one: containers number alike.
  if (pid === process.pid) return false;
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
function isBroken(lock: string, holder: string): boolean {
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

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The next one sees that its holder is dead.
  }
}

function describe(holder: string): string {
  const [pid, host] = holder.trim().split(' ');
  return pid && host ? `another harvgen set (process ${pid} on ${host})` : 'another harvgen set';
}
