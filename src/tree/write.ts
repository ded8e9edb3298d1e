import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Change } from './change.ts';
import type { Difference } from './compare.ts';
import { MANIFEST } from './manifest.ts';
import { OutputError } from './output-error.ts';
import type { SeenFiles } from './seen-files.ts';
import type { Tree } from './tree.ts';
import { workPath } from './work-folder.ts';

/** A tree, the folder that is to hold it, and what `compareTree` has found between the two. */
export interface Output {
  readonly folder: string;
  readonly tree: Tree;
  readonly difference: Difference;
}

/**
 * Makes folders hold their trees, all of them or none: writes what is new or other, removes what an earlier build made and
 * this one does not, leaves everything else as it is. The caller has the folders' locks. What was `seen` when they were
 * compared is not made again.
 * Throws OutputError where that cannot be done; everything is then as it was.
 */
export function writeTrees(outputs: readonly Output[], seen?: SeenFiles): void {
  const changes = outputs.map(({ folder, tree, difference }) => new Change(folder, tree, difference, seen));
  const begun: Change[] = [];
  try {
    for (const change of changes) {
      begun.unshift(change);
      change.stage();
    }
    for (const change of changes) change.make();
    for (const change of changes) change.finish();
  } catch (error) {
    const outcome = undoAll(begun);
    if (!(error instanceof OutputError)) throw error;
    throw new OutputError(`${error.message} ${outcome}`);
  }
}

/** Takes changes back, the last one first; says how that went. */
function undoAll(changes: readonly Change[]): string {
  const faults: string[] = [];
  for (const change of changes) {
    try {
      change.undo();
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      faults.push(error.message);
    }
  }
  if (faults.length === 0) return 'Nothing was changed.';
  return `Not all that was begun could be taken back: ${faults.join(' ')} Mend that, and build again.`;
}

/** Says whether there is something to do in a folder: it is not what its tree says, or a build that died left its work there. */
export function isBehind({ folder, difference }: Output): boolean {
  const { added, changed, removed } = difference;
  return added.length + changed.length + removed.length > 0 || existsSync(workPath(folder));
}

/** Gives a text that is another one as soon as another build has written a folder. */
export function stampOf(folder: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(join(folder, MANIFEST), { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  } catch {
    return ''; // what is wrong with it is said when it is read
  }
}
