import { basename, join, resolve } from 'node:path';
import { listed, namesOf } from '../source/diagnostics/words.ts';
import { compareTree, unmanagedFiles } from '../tree/compare.ts';
import { gitTracked } from '../tree/git-tracked.ts';
import { type Lock, lockFolder } from '../tree/lock.ts';
import { isFilled, isUnfilling, stampOf } from '../tree/manifest.ts';
import { OutputError } from '../tree/output-folder.ts';
import type { Tree } from '../tree/tree.ts';
import { isBehind, type Output, writeTrees } from '../tree/write.ts';
import { printMessage, uninterrupted } from './console.ts';

/** Returns the stamps of the output directories of sites. Take them before reading the sites. */
export function stampsOf(sites: readonly string[], out: string): ReadonlyMap<string, string> {
  // A site has the name of its directory, and its output the name of the site: else there is an error.
  const folders = sites.map((site) => join(out, basename(resolve(site))));
  return new Map(folders.map((folder) => [folder, stampOf(folder)]));
}

/** How to write. */
export interface WriteOptions {
  /** Whether to overwrite manual edits, and to replace values of secrets by placeholders. */
  readonly force: boolean;
  /** Whether to write secrets even where git tracks them. */
  readonly allowInGit?: boolean | undefined;
  /** Ends the wait for other builds. */
  readonly signal?: AbortSignal | undefined;
}

function compareOutputs(trees: ReadonlyMap<string, Tree>): readonly Output[] {
  return [...trees].map(([folder, tree]) => ({ folder, tree, difference: compareTree(folder, tree) }));
}

/**
 * Writes trees into their directories. Returns what was done; undefined if another build has written one of them since the stamps were
 * taken: these trees may be older than the written ones. Throws OutputError if a directory cannot be written. Unless `force`, also if the
 * build would lose manual edits or replace values of secrets by placeholders; unless `allowInGit`, also if git would track secrets.
 * Throws an AbortError if the signal fires while it waits.
 */
export async function writeOutputs(
  trees: ReadonlyMap<string, Tree>,
  stamps: ReturnType<typeof stampsOf>,
  { force, allowInGit = false, signal }: WriteOptions,
): Promise<readonly Output[] | undefined> {
  if (!allowInGit && [...trees.values()].some(isFilled)) refuseGit(trees);
  const outputs = compareOutputs(trees);
  const behind = outputs.filter(isBehind);
  if (behind.length === 0) return outputs;
  const locks: Lock[] = [];
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    // All builds lock in the same order, so that no two wait for each other.
    const folders = behind.map(({ folder }) => folder).sort();
    for (const folder of folders)
      locks.push(
        await lockFolder(
          folder,
          (holder) => printMessage(`${folder} is being written by ${holder}: waiting for it`),
          signal,
        ),
      );
    if (folders.some((folder) => stampOf(folder) !== stamps.get(folder))) return undefined;
    const now = locks.every(({ isFirst }) => isFirst) ? outputs : compareOutputs(trees);
    if (!force) {
      refuseUnfilling(now);
      refuseLoss(now);
    }
    await uninterrupted(() => {
      try {
        writeTrees(now.filter(({ folder }) => folders.includes(folder)));
      } finally {
        release();
      }
    });
    printLoss(now);
    return now;
  } finally {
    release();
  }
}

/** Thrown if a build would lose manual edits. */
export class LossError extends OutputError {
  override readonly name = 'LossError';
  readonly paths: readonly string[];

  /** Takes the edited files and whether one of them contains secrets, which are never shown. */
  constructor(paths: readonly string[], isSecret: boolean) {
    const what = paths.length === 1 ? 'A file was' : `${paths.length} files were`;
    super(
      [
        `${what} edited since the last build; this build would lose the edits:`,
        ...paths.map((path) => `  ${path}`),
        `Run \`harvgen diff\` to see them${isSecret ? ', except in files with secrets' : ''}. Move edits to keep into the inventory, or into the`,
        "site's templates/ or files/; then build with --force.",
      ].join('\n'),
    );
    this.paths = paths;
  }
}

/** Refuses to replace values of secrets in a tree: machines would use the placeholders as tokens. */
function refuseUnfilling(outputs: readonly Output[]): void {
  const folders = outputs.flatMap(({ folder, tree }) => (isUnfilling(folder, tree) ? [folder] : []));
  if (folders.length === 0) return;
  throw new OutputError(
    `${listed(folders)} ${folders.length === 1 ? 'contains' : 'contain'} the values of secrets, and this build would replace them by ` +
      'placeholders, which machines would use as secrets. Add --secrets to keep the values, or --force to replace them.',
  );
}

function refuseLoss(outputs: readonly Output[]): void {
  const paths = editedIn(outputs);
  if (paths.length === 0) return;
  const isSecret = outputs.some(({ tree, difference }) =>
    difference.edited.some((path) => tree.get(path)?.confidential),
  );
  throw new LossError(paths, isSecret);
}

/** Lists the files with manual edits that `force` has overwritten or removed, so that they can be restored from git. */
function printLoss(outputs: readonly Output[]): void {
  const paths = editedIn(outputs);
  if (paths.length === 0) return;
  printMessage(`--force overwrote or removed manual edits in:${paths.map((path) => `\n  ${path}`).join('')}`);
}

/** What to do about unmanaged files. */
export const UNMANAGED = "unmanaged files are deployed too: remove them or move them into the site's files/";

/** Names the unmanaged files in output directories, which `build --check` reports as errors. */
export function printUnmanaged(outputs: readonly Output[]): void {
  for (const { folder, tree, difference } of outputs) {
    const files = unmanagedFiles(folder, tree, difference).map((name) => ({ name }));
    if (files.length > 0) printMessage(`${folder} has ${namesOf(files)}: ${UNMANAGED}`);
  }
}

function editedIn(outputs: readonly Output[]): string[] {
  return outputs.flatMap(({ folder, difference }) => difference.edited.map((path) => join(folder, path)));
}

const MOST_NAMED = 3;

/**
 * Refuses to write confidential files where git tracks or would track them. Takes trees by their output directories. Throws
 * OutputError with all directories concerned.
 */
function refuseGit(trees: ReadonlyMap<string, Tree>): void {
  const problems = [...trees].flatMap(([folder, tree]) => {
    const paths = [...tree].flatMap(([path, { confidential }]) => (confidential ? [path] : []));
    return gitTracked(folder, paths).map(({ workTree, paths, fault: error }) => {
      if (error !== undefined)
        return `  ${folder} is in the git work tree ${workTree}, but whether git ignores it is unknown: ${error}`;
      const named = paths.slice(0, MOST_NAMED).map((path) => join(folder, path));
      const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : '';
      return `  ${folder} is in the git work tree ${workTree}, which does not ignore ${named.join(', ')}${more}`;
    });
  });
  if (problems.length === 0) return;
  throw new OutputError(
    [
      'the output contains secrets, and git would keep them forever:',
      ...problems,
      'Write it outside of any repository with --out, or add the directory to .gitignore and remove tracked files from git',
      'with `git rm --cached`; --allow-secrets-in-git writes it anyway.',
    ].join('\n'),
  );
}

/** Returns one line about the changes in a directory, without a line end. */
export function summary({ folder, difference }: Output): string {
  const { added, changed, unchanged, removed } = difference;
  const written = added.length + changed.length;
  return `${folder}: ${written} written, ${unchanged.length} unchanged, ${removed.length} removed`;
}
