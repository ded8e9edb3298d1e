import { basename, join, resolve } from 'node:path';
import { compareTree } from '../output/compare.ts';
import { type Lock, lockFolder } from '../output/lock.ts';
import { OutputError } from '../output/output-error.ts';
import type { Tree } from '../output/tree.ts';
import { isBehind, type Output, stampOf, writeTrees } from '../output/write.ts';
import { uninterrupted } from './uninterrupted.ts';

/** The folders of the outputs, each with a text that is another one as soon as another build has written it. */
export type Stamps = ReadonlyMap<string, string>;

/** Gives the stamps of what sites are to be written to, to be taken before they are read. */
export function stampsOf(sites: readonly string[], out: string): Stamps {
  // A site is called as its folder, and its output as the site: else there is an error.
  const folders = sites.map((site) => join(out, basename(resolve(site))));
  return new Map(folders.map((folder) => [folder, stampOf(folder)]));
}

/**
 * Writes trees into their folders, all or none. Gives what was done; undefined where another build has written one of
 * them since the stamps were taken: what these trees were made of may be older than what is there.
 * Throws OutputError where it cannot be done, or where it would lose what somebody edited by hand, unless `force`.
 */
export async function writeOutputs(
  trees: ReadonlyMap<string, Tree>,
  stamps: Stamps,
  force: boolean,
): Promise<readonly Output[] | undefined> {
  const outputs = [...trees].map(([folder, tree]) => compared(folder, tree));
  if (!force) refuseLoss(outputs);
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
      locks.push(await lockFolder(folder, (holder) => sayWaiting(folder, holder)));
    if (folders.some((folder) => stampOf(folder) !== stamps.get(folder))) return undefined;
    const now = locks.every(({ isFirst }) => isFirst)
      ? outputs
      : [...trees].map(([folder, tree]) => compared(folder, tree));
    if (!force) refuseLoss(now);
    await uninterrupted(() => {
      try {
        writeTrees(now.filter(({ folder }) => folders.includes(folder)));
      } finally {
        release();
      }
    });
    return now;
  } finally {
    release();
  }
}

function compared(folder: string, tree: Tree): Output {
  return { folder, tree, difference: compareTree(folder, tree) };
}

function sayWaiting(folder: string, holder: string): void {
  process.stderr.write(`harvgen: ${folder} is being written by ${holder}: waiting for it\n`);
}

function refuseLoss(outputs: readonly Output[]): void {
  const paths = outputs.flatMap(({ folder, difference }) =>
    difference.edited.map((path) => join(folder, path)),
  );
  if (paths.length === 0) return;
  const what = paths.length === 1 ? 'A file holds' : `${paths.length} files hold`;
  throw new OutputError(
    [
      `${what} what no build wrote, and building would lose it:`,
      ...paths.map((path) => `  ${path}`),
      "Bring what is wanted of it into the inventory, or into the site's templates/ or files/; then build with --force.",
    ].join('\n'),
  );
}
