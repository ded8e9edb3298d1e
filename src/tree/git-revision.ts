import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { git, gitPath, locate, whyFailed, whyNotRun, withoutRepository } from './git-tracked.ts';
import { OutputError } from './output-folder.ts';

/**
 * Writes the files of a git revision below a directory, for each work tree that contains one of `folders`, unless an earlier call has
 * written them. Leaves out the files in the directories `without`. Changes neither the work tree nor the repository. Returns the
 * directories there that correspond to `folders`; some may be missing. Throws OutputError if there is no such revision.
 */
export function checkOut(
  folders: readonly string[],
  revision: string,
  to: string,
  without: readonly string[] = [],
): string[] {
  const copies = new Map<string, string>();
  const located = without.map((folder) => locate(resolve(folder)));
  return folders.map((folder) => {
    const { real, workTree } = locate(resolve(folder));
    if (workTree === undefined)
      throw new OutputError(`${revision} is not a directory, and ${folder} is not in a git work tree`);
    const copy = copies.get(workTree) ?? join(to, String(copies.size));
    const others = located.filter((other) => other.workTree === workTree);
    if (!existsSync(copy))
      writeRevision(
        workTree,
        revision,
        copy,
        others.map((other) => gitPath(other.real, workTree)),
      );
    copies.set(workTree, copy);
    return join(copy, relative(workTree, real));
  });
}

/**
 * Returns the last commit that changed a file, in a revision or before it, and the file's text there. Returns undefined without one, or if
 * only a shallow clone cuts the history there.
 */
export function lastChangeOf(
  file: string,
  revision: string,
): { readonly commit: string; readonly text: string } | undefined {
  const { real, workTree } = locate(dirname(resolve(file)));
  if (workTree === undefined) return undefined;
  const path = gitPath(join(real, basename(file)), workTree);
  const run = (...args: string[]) => git(['-C', workTree, ...args], withoutRepository());
  const format = ['--no-show-signature', '--format=%H %P'];
  const found = run('log', '-1', ...format, '--end-of-options', revision, '--', path);
  const [commit, parent] = (found.stdout ?? '').trim().split(' ');
  if (!commit || !(parent || run('rev-parse', '--is-shallow-repository').stdout.trim() === 'false'))
    return undefined;
  const { status, stdout } = run('show', '--no-textconv', `${commit}:${path}`);
  return status === 0 ? { commit, text: stdout } : undefined;
}

function writeRevision(workTree: string, revision: string, to: string, without: readonly string[]): void {
  mkdirSync(to, { recursive: true });
  const run = (...args: string[]) => {
    const at = ['-C', to, '--git-dir', join(workTree, '.git'), '--work-tree', to];
    return git([...at, ...args], { ...withoutRepository(), GIT_INDEX_FILE: `${to}.index` });
  };
  const { error, status, stdout } = run('rev-parse', '--verify', '--end-of-options', `${revision}^{tree}`);
  if (error) throw new OutputError(whyNotRun(error));
  if (status !== 0)
    throw new OutputError(`${revision} is neither a directory nor a git revision of ${workTree}`);
  const removal = ['rm', '-rqf', '--cached', '--ignore-unmatch', '--', ...without];
  for (const args of [
    ['read-tree', '--reset', stdout.trim()],
    ...(without.length > 0 ? [removal] : []),
    ['checkout-index', '--all'],
  ]) {
    const written = run(...args);
    if (written.status === 0) continue;
    // A part of the files must not serve a later call.
    rmSync(to, { recursive: true, force: true });
    throw new OutputError(`${revision} cannot be read: ${whyFailed(written.stderr, written.status)}`);
  }
}
