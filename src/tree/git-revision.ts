import { mkdirSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { git, whyFailed, whyNotRun, withoutRepository, workTreeAround } from './git-tracked.ts';
import { OutputError } from './output-folder.ts';

/**
 * Writes the files of a git revision below a directory, for each work tree that contains one of `folders`. Changes neither the
 * work tree nor the repository. Returns the directories there that correspond to `folders`; some may be missing. Throws OutputError if there is no such
 * revision.
 */
export function checkOut(folders: readonly string[], revision: string, to: string): string[] {
  const done = new Map<string, string>();
  return folders.map((folder) => {
    const real = realpathSync(resolve(folder));
    const workTree = workTreeAround(real);
    if (workTree === undefined)
      throw new OutputError(`${revision} is not a directory, and ${folder} is not in a git work tree`);
    const copy = done.get(workTree) ?? join(to, String(done.size));
    if (!done.has(workTree)) writeRevision(workTree, revision, copy);
    done.set(workTree, copy);
    return join(copy, relative(workTree, real));
  });
}

function writeRevision(workTree: string, revision: string, to: string): void {
  mkdirSync(to);
  const env = { ...withoutRepository(), GIT_INDEX_FILE: `${to}.index` };
  const run = (...args: string[]) => {
    const { error, status, stdout, stderr } = git(['-C', workTree, ...args], env);
    if (error) throw new OutputError(whyNotRun(error));
    return { isDone: status === 0, text: stdout.trim(), why: whyFailed(stderr, status) };
  };
  const tree = run('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{tree}`);
  if (!tree.isDone)
    throw new OutputError(`${revision} is neither a directory nor a git revision of ${workTree}`);
  for (const args of [
    ['read-tree', tree.text],
    ['checkout-index', '--all', `--prefix=${to}/`],
  ]) {
    const { isDone, why } = run(...args);
    if (!isDone) throw new OutputError(`${revision} cannot be read: ${why}`);
  }
}
