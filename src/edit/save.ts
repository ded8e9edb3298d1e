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
import { meaningOf } from '../output/output-error.ts';

/** A file with what it held when it was read, and what it shall hold. */
export interface FileChange {
  readonly path: string;
  readonly before: Uint8Array;
  readonly after: string;
}

/** Thrown where files cannot be saved; none of them has been touched, unless the disk itself failed between two of them. */
export class SaveError extends Error {
  /** Takes what is wrong and what to do about it. */
  constructor(message: string) {
    super(message);
    this.name = 'SaveError';
  }
}

/**
 * Saves files: all are written beside their places first, then each is renamed into it, with its mode and, where that is
 * allowed, its owner. What a link leads to is saved, and the link stays. Throws SaveError where one cannot be written,
 * or has changed since it was read.
 */
export function saveFiles(changes: readonly FileChange[]): void {
  const written: { beside: string; target: string }[] = [];
  try {
    for (const { path, after } of changes) {
      const target = realpathSync(path);
      // Not ending in .yaml, and hidden: a site's files are found by their names.
      const beside = join(dirname(target), `.${basename(target)}.harvgen-new`);
      rmSync(beside, { force: true });
      written.push({ beside, target });
      writeBeside(beside, target, after);
    }
    for (const change of changes) refuseChanged(change);
    for (const { beside, target } of written) renameSync(beside, target);
  } catch (error) {
    for (const { beside } of written) rmSync(beside, { force: true });
    const { code, path } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new SaveError(`${path} cannot be written: ${meaningOf(code)}`);
  }
}

function writeBeside(beside: string, target: string, content: string): void {
  const { mode, uid, gid } = statSync(target);
  writeFileSync(beside, content, { flag: 'wx', mode });
  const own = statSync(beside);
  if (own.uid !== uid || own.gid !== gid) keepOwner(beside, uid, gid);
  chmodSync(beside, mode & 0o7777); // the umask does not count, and another owner takes bits away
}

/** Only some may give files away; others save it as their own, as an editor would. */
function keepOwner(path: string, uid: number, gid: number): void {
  try {
    chownSync(path, uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function refuseChanged({ path, before }: FileChange): void {
  if (!readFileSync(path).equals(before))
    throw new SaveError(`${path} has been changed by somebody else since it was read: try again`);
}
