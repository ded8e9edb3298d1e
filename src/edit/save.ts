import * as fs from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { displayPath } from '../source/diagnostics/text.ts';
import { Source } from '../source/source.ts';
import { locate } from '../tree/git-tracked.ts';
import { dropLock, takeLock, waitForLock } from '../tree/lock.ts';
import { meaningOf } from '../tree/output-folder.ts';
import { orUndefined } from '../values/or-undefined.ts';

/** A byte order mark, which some editors write at the start of files. It is not a part of the YAML and is kept. */
const MARK = '\ufeff';

/** Reads a file; `mark` is its byte order mark, if it has one. */
function read(path: string, edits: ReadonlyMap<string, string>) {
  const edit = edits.get(path);
  const bytes = edit === undefined ? fs.readFileSync(path) : Buffer.from(edit);
  const text = bytes.toString('utf8');
  const mark = text.startsWith(MARK) ? MARK : '';
  return { bytes, mark, source: new Source(path, text.slice(mark.length)) };
}

/** The texts of files with unsaved edits. Reads each file once, so that all edits apply to the same text. */
export class Texts {
  readonly #files = new Map<string, ReturnType<typeof read>>();
  readonly #edited = new Map<string, Source>();
  readonly #unsaved: ReadonlyMap<string, string>;

  /** Takes texts by absolute path that replace the files on the disk, as the compiler does. */
  constructor(unsaved: ReadonlyMap<string, string> = new Map()) {
    this.#unsaved = unsaved;
  }

  /** Returns the edited text of a file without a byte order mark. Throws the errors of `readFileSync`. */
  source(path: string): Source {
    return this.#edited.get(path) ?? this.original(path);
  }

  /** Returns the original text of a file. Throws the errors of `readFileSync`. */
  original(path: string): Source {
    return this.#read(path).source;
  }

  /** Replaces the text of a file. */
  put(path: string, source: Source): void {
    if (source.text === this.original(path).text) this.#edited.delete(path);
    else this.#edited.set(path, source);
  }

  /** The edited files with their original content. */
  get changes(): readonly FileChange[] {
    return [...this.#edited].map(([path, { text }]) => {
      const { bytes, mark } = this.#read(path);
      return { path, before: bytes, after: mark + text };
    });
  }

  #read(path: string) {
    const file = this.#files.get(path) ?? read(path, this.#unsaved);
    this.#files.set(path, file);
    return file;
  }
}

/** A file with its original and its new content. */
export interface FileChange {
  readonly path: string;
  readonly before: Uint8Array;
  readonly after: string;
}

/** Thrown if files cannot be saved. All files are unchanged, except those that the message lists. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
}

interface Written {
  readonly path: string;
  readonly target: string;
  readonly temporary: string;
  /** A copy of the original content; undefined for a single file, whose rename either succeeds or fails. */
  readonly backup: string | undefined;
}

/**
 * Saves files: writes all of them next to their targets first, then renames each, with its mode and, if permitted, its owner.
 * Follows links and keeps them. Messages show paths relative to `folder`. Throws SaveError if a file cannot be written or has
 * changed since it was read; then no file is saved.
 */
export function saveFiles(changes: readonly FileChange[], folder: string): void {
  const written: Written[] = [];
  const renamed: Written[] = [];
  let current = '';
  const name = (path = '') => displayPath(path, folder);
  try {
    for (const { path, before, after } of changes) {
      current = path;
      const target = fs.realpathSync(path);
      // Hidden and without .yaml at the end, so that it is not a file of the site.
      const temporary = join(dirname(target), `.${basename(target)}.harvgen-new-${process.pid}`);
      const backup = changes.length > 1 ? temporary.replace(/new(-\d+)$/, 'old$1') : undefined;
      written.push({ path, target, temporary, backup });
      writeTemporary(temporary, target, after);
      if (backup !== undefined) writeTemporary(backup, target, before);
    }
    for (const { path, before } of changes)
      if (!fs.readFileSync(path).equals(before))
        throw new SaveError(`${name(path)} has changed since harvgen read it: try again`);
    for (const file of written) {
      current = file.path;
      fs.renameSync(file.temporary, file.target);
      renamed.push(file);
    }
    for (const { backup } of written) remove(backup);
  } catch (error) {
    const left = renamed.reverse().filter((file) => !isRestored(file));
    for (const file of written) {
      remove(file.temporary);
      if (!left.includes(file)) remove(file.backup);
    }
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    const kept = left.map((file) => `; ${name(file.path)} is saved, and its backup is ${name(file.backup)}`);
    throw new SaveError(`${name(current)} cannot be written: ${meaningOf(code)}${kept.join('')}`);
  }
}

function isRestored({ backup, target }: Written): boolean {
  try {
    if (backup !== undefined) fs.renameSync(backup, target);
    return true;
  } catch {
    return false;
  }
}

/** Removes a temporary file. A failure does not affect saved files. */
function remove(path: string | undefined): void {
  try {
    if (path !== undefined) fs.rmSync(path, { force: true });
  } catch {
    // The file is hidden, and nothing reads it.
  }
}

function writeTemporary(temporary: string, target: string, content: string | Uint8Array): void {
  const { mode, uid, gid } = fs.statSync(target);
  fs.rmSync(temporary, { force: true }); // from a killed process with the same ID
  fs.writeFileSync(temporary, content, { flag: 'wx', mode });
  const own = fs.statSync(temporary);
  try {
    if (own.uid !== uid || own.gid !== gid) fs.chownSync(temporary, uid, gid);
  } catch (error) {
    // Only root may change owners; other users save the file as their own, like an editor.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
  fs.chmodSync(temporary, mode & 0o7777); // ignores the umask; a change of the owner clears bits
}

/** Hidden and without .yaml at the end, so that it is not a file of the site. */
const NAME = '.harvgen-set.lock';

/** Returns the lock of a site: in the directory of git's own files, if there is one, because a killed process leaves it. */
function lockOf(site: string): string {
  const { real, workTree } = locate(site);
  const git = workTree && join(workTree, '.git');
  // In a submodule or linked work tree, it is a file with the path of the directory.
  const linked = orUndefined(() => git && /^gitdir: (.+)$/m.exec(fs.readFileSync(git, 'utf8'))?.[1]);
  const folder = linked ? resolve(workTree ?? '', linked) : git;
  const isWritable = folder && orUndefined(() => fs.accessSync(folder, fs.constants.W_OK) ?? true);
  if (!isWritable || !fs.existsSync(real)) return join(site, NAME);
  return join(folder, `harvgen-set-${encodeURIComponent(relative(workTree ?? '', real))}.lock`);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Locks a site against other edits, from before its files are read until they are saved: two edits at once would overwrite each other.
 * Waits for another edit; ignores the lock of a dead process. Returns a function that releases the lock; a signal that ends the process
 * also releases it. A missing directory needs no lock. Calls `report` once with the holder if the wait is not short. Messages show paths
 * relative to `folder`. Throws SaveError if the directory is not writable, and for a holder that does not end.
 */
export async function lockSite(
  site: string,
  folder: string,
  report: (holder: string) => void,
): Promise<() => void> {
  const lock = lockOf(site);
  const [path, file] = [displayPath(site, folder), displayPath(lock, folder)];
  const stuck = (who: string) =>
    new SaveError(
      `${path} has been locked by ${who} for a minute: if that process is not running, remove ${file}`,
    );
  try {
    await waitForLock(lock, () => takeLock(lock), { other: 'another harvgen', report, stuck });
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
