import {
  chmodSync,
  chownSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { displayPath } from '../source/diagnostics/text.ts';
import { Source } from '../source/source.ts';
import { dropLock, takeLock, waitForLock } from '../tree/lock.ts';
import { meaningOf } from '../tree/output-folder.ts';

/** A byte order mark: editors of some systems begin files with it. It is no part of the YAML, and stays. */
const MARK = '\ufeff';

/** Reads a file; `mark` is its byte order mark, if it has one. */
function read(path: string) {
  const bytes = readFileSync(path);
  const text = bytes.toString('utf8');
  const mark = text.startsWith(MARK) ? MARK : '';
  return { bytes, mark, source: new Source(path, text.slice(mark.length)) };
}

/** The texts of files with edits that are not saved yet. Each is read once, so that all edits are of the same text. */
export class Texts {
  readonly #files = new Map<string, ReturnType<typeof read>>();
  readonly #edited = new Map<string, Source>();

  /** Gives the text of a file as it is edited, without a byte order mark. Throws what `readFileSync` throws. */
  source(path: string): Source {
    return this.#edited.get(path) ?? this.original(path);
  }

  /** Gives the text of a file as it was read. Throws what `readFileSync` throws. */
  original(path: string): Source {
    return this.#read(path).source;
  }

  /** Puts another text in the place of a file's. */
  put(path: string, source: Source): void {
    if (source.text === this.original(path).text) this.#edited.delete(path);
    else this.#edited.set(path, source);
  }

  /** The files that an edit has changed, with what they held when they were read. */
  get changes(): readonly FileChange[] {
    return [...this.#edited].map(([path, { text }]) => {
      const { bytes, mark } = this.#read(path);
      return { path, before: bytes, after: mark + text };
    });
  }

  #read(path: string) {
    const file = this.#files.get(path) ?? read(path);
    this.#files.set(path, file);
    return file;
  }
}

/** A file with what it held when it was read, and what it shall hold. */
export interface FileChange {
  readonly path: string;
  readonly before: Uint8Array;
  readonly after: string;
}

/** Thrown where files cannot be saved; all of them are as they were, unless it says that one is not. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
}

interface Written {
  readonly path: string;
  readonly target: string;
  readonly beside: string;
  /** What it held before, to be put back; undefined for one alone, which is saved or is not. */
  readonly backup: string | undefined;
}

/**
 * Saves files: all are written beside their places first, then each is renamed into it, with its mode and, where that is
 * allowed, its owner. What a link leads to is saved, and the link stays. Takes the folder that messages show paths
 * relative to. Throws SaveError where one cannot be written, or has changed since it was read: none is saved then.
 */
export function saveFiles(changes: readonly FileChange[], folder: string): void {
  const written: Written[] = [];
  const renamed: Written[] = [];
  let current = '';
  const name = (path = '') => displayPath(path, folder);
  try {
    for (const { path, before, after } of changes) {
      current = path;
      const target = realpathSync(path);
      // Not ending in .yaml, and hidden: a site's files are found by their names.
      const beside = join(dirname(target), `.${basename(target)}.harvgen-new-${process.pid}`);
      const backup = changes.length > 1 ? beside.replace(/new(-\d+)$/, 'old$1') : undefined;
      written.push({ path, target, beside, backup });
      writeBeside(beside, target, after);
      if (backup !== undefined) writeBeside(backup, target, before);
    }
    for (const { path, before } of changes)
      if (!readFileSync(path).equals(before))
        throw new SaveError(`${name(path)} has been changed by somebody else since it was read: try again`);
    for (const one of written) {
      current = one.path;
      renameSync(one.beside, one.target);
      renamed.push(one);
    }
    for (const { backup } of written) remove(backup);
  } catch (error) {
    const left = renamed.reverse().filter((one) => !isPutBack(one));
    for (const one of written) {
      remove(one.beside);
      if (!left.includes(one)) remove(one.backup);
    }
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    const kept = left.map((one) => `; ${name(one.path)} is saved, and what it was is ${name(one.backup)}`);
    throw new SaveError(`${name(current)} cannot be written: ${meaningOf(code)}${kept.join('')}`);
  }
}

function isPutBack({ backup, target }: Written): boolean {
  try {
    if (backup !== undefined) renameSync(backup, target);
    return true;
  } catch {
    return false;
  }
}

/** Removes what is not needed any more: where that cannot be done, what is saved is saved all the same. */
function remove(path: string | undefined): void {
  try {
    if (path !== undefined) rmSync(path, { force: true });
  } catch {
    // It is hidden, and read by nothing.
  }
}

function writeBeside(beside: string, target: string, content: string | Uint8Array): void {
  const { mode, uid, gid } = statSync(target);
  rmSync(beside, { force: true }); // of a process with the same number that was killed
  writeFileSync(beside, content, { flag: 'wx', mode });
  const own = statSync(beside);
  try {
    if (own.uid !== uid || own.gid !== gid) chownSync(beside, uid, gid);
  } catch (error) {
    // Only some may give files away; others save it as their own, as an editor would.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
  chmodSync(beside, mode & 0o7777); // the umask does not count, and another owner takes bits away
}

/** Hidden, and not ending in .yaml: no file of the site. */
const NAME = '.harvgen-set.lock';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Keeps other edits out of a site, from before its files are read until they are saved: of two at once, one would lose
 * what the other has saved. Waits for one that is at work; a lock whose holder is dead does not count. Gives what lets
 * others in again; a signal that ends the process does so, too. A folder that is not there has no lock, and needs none.
 * Calls `tell` once, with who has the lock, when it takes longer than a moment; messages show paths relative to `folder`.
 * Throws SaveError where the folder cannot be written, and for a holder that does not end.
 */
export async function lockSite(
  site: string,
  folder: string,
  tell: (holder: string) => void,
): Promise<() => void> {
  const lock = join(site, NAME);
  const [path, file] = [displayPath(site, folder), displayPath(lock, folder)];
  const stuck = (who: string) =>
    new SaveError(
      `${path} is being edited by ${who}, and has been for a minute: if that is not so, remove ${file}`,
    );
  try {
    await waitForLock(lock, () => takeLock(lock), { other: 'another harvgen set', report: tell, stuck });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return () => {};
    if (!code) throw error;
    throw new SaveError(`${path} cannot be written: ${meaningOf(code)}`);
  }
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, end);
    dropLock(lock);
  };
  const end = (signal: NodeJS.Signals) => {
    release();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return release;
}
