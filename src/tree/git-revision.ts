import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { git, locate, whyFailed, whyNotRun, withoutRepository } from './git-tracked.ts';
import { OutputError } from './output-folder.ts';

/**
 * Writes the files of a git revision below a directory, for each work tree that contains one of `folders`. Changes neither the
 * work tree nor the repository. Returns the directories there that correspond to `folders`; some may be missing. Throws
 * OutputError if there is no such revision.
 */
export function checkOut(folders: readonly string[], revision: string, to: string): string[] {
  const copies = new Map<string, string>();
  return folders.map((folder) => {
    const { real, workTree } = locate(resolve(folder));
    if (workTree === undefined)
      throw new OutputError(`${revision} is not a directory, and ${folder} is not in a git work tree`);
    const copy = copies.get(workTree) ?? join(to, String(copies.size));
    if (!copies.has(workTree)) writeRevision(workTree, revision, copy);
    copies.set(workTree, copy);
    return join(copy, relative(workTree, real));
  });
}

function writeRevision(workTree: string, revision: string, to: string): void {
  mkdirSync(to);
  const run = (...args: string[]) => {
    const at = ['-C', to, '--git-dir', join(workTree, '.git'), '--work-tree', to];
    return git([...at, ...args], { ...withoutRepository(), GIT_INDEX_FILE: `${to}.index` });
  };
  const { error, status, stdout } = run('rev-parse', '--verify', '--end-of-options', `${revision}^{tree}`);
  if (error) throw new OutputError(whyNotRun(error));
  if (status !== 0)
    throw new OutputError(`${revision} is neither a directory nor a git revision of ${workTree}`);
  const written = run('read-tree', '--reset', '-u', stdout.trim());
  if (written.status !== 0)
    throw new OutputError(`${revision} cannot be read: ${whyFailed(written.stderr, written.status)}`);
}
