import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { git, locate, whyFailed, whyNotRun, withoutRepository } from './git-tracked.ts';
import { OutputError } from './output-folder.ts';

/**
 * Writes the files of a git revision below a directory, for each work tree that contains one of `folders`, unless an earlier call has
 * written them. Changes neither the work tree nor the repository. Returns the directories there that correspond to `folders`; some may be missing. Throws
 * OutputError if there is no such revision.
 */
export function checkOut(folders: readonly string[], revision: string, to: string): string[] {
  const copies = new Map<string, string>();
  return folders.map((folder) => {
    const { real, workTree } = locate(resolve(folder));
    if (workTree === undefined)
      throw new OutputError(`${revision} is not a directory, and ${folder} is not in a git work tree`);
    const copy = copies.get(workTree) ?? join(to, String(copies.size));
    if (!existsSync(copy)) writeRevision(workTree, revision, copy);
    copies.set(workTree, copy);
    return join(copy, relative(workTree, real));
  });
}

/**
 * Returns the last commit that changed a file, in a revision or before it. Returns undefined without one, or if only a shallow clone cuts
 * the history there.
 */
export function lastChangeOf(file: string, revision: string): string | undefined {
  const { real, workTree } = locate(dirname(resolve(file)));
  if (workTree === undefined) return undefined;
  const run = (...args: string[]) => git(['-C', workTree, ...args], withoutRepository()).stdout?.trim();
  const path = `./${relative(workTree, join(real, basename(file)))}`;
  const found = run('log', '-1', '--format=%H %P', '--end-of-options', revision, '--', path);
  const [commit, parent] = (found ?? '').split(' ');
  return commit && (parent || run('rev-parse', '--is-shallow-repository') === 'false') ? commit : undefined;
}

function writeRevision(workTree: string, revision: string, to: string): void {
  mkdirSync(to, { recursive: true });
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
