import { basename, join, resolve } from 'node:path';
import { listed } from '../source/diagnostics/words.ts';
import { compareTree } from '../tree/compare.ts';
import { gitTracked } from '../tree/git-takes.ts';
import { type Lock, lockFolder } from '../tree/lock.ts';
import { isFilled, isUnfilling, stampOf } from '../tree/manifest.ts';
import { OutputError } from '../tree/output-folder.ts';
import type { Tree } from '../tree/tree.ts';
import { isBehind, type Output, writeTrees } from '../tree/write.ts';
import { uninterrupted } from './console.ts';

/** Gives the stamps of the folders that sites are to be written to, to be taken before they are read. */
export function stampsOf(sites: readonly string[], out: string): ReadonlyMap<string, string> {
  // A site is called as its folder, and its output as the site: else there is an error.
  const folders = sites.map((site) => join(out, basename(resolve(site))));
  return new Map(folders.map((folder) => [folder, stampOf(folder)]));
}

/** How to write. */
export interface WriteOptions {
  /** Whether what somebody edited is overwritten, and marks take the place of secrets that are filled in. */
  readonly force: boolean;
  /** Whether secrets may be written where git tracks them. */
  readonly allowInGit?: boolean | undefined;
  /** Says to wait no longer for other builds. */
  readonly signal?: AbortSignal | undefined;
}

function compareOutputs(trees: ReadonlyMap<string, Tree>): readonly Output[] {
  return [...trees].map(([folder, tree]) => ({ folder, tree, difference: compareTree(folder, tree) }));
}

/**
 * Writes trees into their folders. Gives what was done; undefined where another build has written one of
 * them since the stamps were taken: what these trees were made of may be older than what is there.
 * Throws OutputError where it cannot be done, where it would lose what somebody edited, or put marks in place of secrets,
 * unless `force`, and where git would take secrets up, unless `allowInGit`; an AbortError when the signal comes while it
 * waits.
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
    // In the same order for everybody, so that no two builds wait for each other.
    const folders = behind.map(({ folder }) => folder).sort();
    for (const folder of folders)
      locks.push(await lockFolder(folder, (holder) => sayWaiting(folder, holder), signal));
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
    sayLoss(now);
    return now;
  } finally {
    release();
  }
}

function sayWaiting(folder: string, holder: string): void {
  process.stderr.write(`harvgen: ${folder} is being written by ${holder}: waiting for it\n`);
}

/** Thrown where a build would lose what somebody edited. */
export class LossError extends OutputError {
  override readonly name = 'LossError';
  readonly paths: readonly string[];

  /** Takes the files that were edited, and whether one of them holds secrets, which are never shown. */
  constructor(paths: readonly string[], isSecret: boolean) {
    const what = paths.length === 1 ? 'A file was' : `${paths.length} files were`;
    super(
      [
        `${what} edited since the last build, and this one would lose that:`,
        ...paths.map((path) => `  ${path}`),
        `\`harvgen diff\` shows what would be lost${isSecret ? ', but of files with secrets' : ''}. Bring what is wanted of it into the inventory, or into the`,
        "site's templates/ or files/; then build with --force.",
      ].join('\n'),
    );
    this.paths = paths;
  }
}

/** Where a filled tree was asked for once, machines would be handed marks, and take them for tokens. */
function refuseUnfilling(outputs: readonly Output[]): void {
  const folders = outputs.flatMap(({ folder, tree }) => (isUnfilling(folder, tree) ? [folder] : []));
  if (folders.length === 0) return;
  throw new OutputError(
    `${listed(folders)} ${folders.length === 1 ? 'has its' : 'have their'} secrets filled in, and this build would put ` +
      'marks in their place, which machines take for the secrets. Give --secrets again, or --force to put the marks back.',
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

/** Names what `force` has overwritten or removed: in git it can still be found. */
function sayLoss(outputs: readonly Output[]): void {
  const paths = editedIn(outputs);
  if (paths.length === 0) return;
  const lines = paths.map((path) => `  ${path}\n`).join('');
  process.stderr.write(`harvgen: what was edited in these is gone, as --force says:\n${lines}`);
}

function editedIn(outputs: readonly Output[]): string[] {
  return outputs.flatMap(({ folder, difference }) => difference.edited.map((path) => join(folder, path)));
}

const MOST_NAMED = 3;

/**
 * Refuses to write what is confidential where git tracks it or would take it up. Takes trees by the folders that they
 * belong into. Throws OutputError with all folders that are at fault.
 */
function refuseGit(trees: ReadonlyMap<string, Tree>): void {
  const faults = [...trees].flatMap(([folder, tree]) => {
    const paths = [...tree].flatMap(([path, { confidential }]) => (confidential ? [path] : []));
    return gitTracked(folder, paths).map(({ workTree, paths, fault }) => {
      if (fault !== undefined)
        return `  ${folder} lies in the work tree of git ${workTree}, and whether that would take them up is not known: ${fault}`;
      const named = paths.slice(0, MOST_NAMED).map((path) => join(folder, path));
      const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : '';
      return `  ${folder} lies in the work tree of git ${workTree}, which does not ignore ${named.join(', ')}${more}`;
    });
  });
  if (faults.length === 0) return;
  throw new OutputError(
    [
      'the output holds secrets, and git would keep them for ever:',
      ...faults,
      'Write it outside of any repository with --out, or add the folder to .gitignore and take what is tracked in it',
      'out of git with `git rm --cached`; --allow-secrets-in-git writes it all the same.',
    ].join('\n'),
  );
}

/** Says in one line what was done in a folder, without a line end. */
export function summary({ folder, difference }: Output): string {
  const { added, changed, unchanged, removed } = difference;
  const written = added.length + changed.length;
  return `${folder}: ${written} written, ${unchanged.length} unchanged, ${removed.length} removed`;
}
