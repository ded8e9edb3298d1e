import { isDeepStrictEqual } from 'node:util';
import type { Explained } from '../inspect/explain/explain-node.ts';
import type { InventoryFiles } from '../inventory/files.ts';
import type { Path } from '../source/leaf.ts';
import { type Change, type Edit, editNode } from './edit-node.ts';
import type { Texts } from './texts.ts';

/** An edit among others. */
export interface Edited extends Edit {
  /** Where the key is in the whole of its file when all are made: removed entries of lists have moved those behind them. */
  readonly now: Path;
}

/**
 * Makes changes of a node in the texts of its files, none of which is within another. Indices are those of the lists as
 * they are before all of them: what is set goes first, the lower index before the higher; what is removed goes last, from
 * the last index down. Takes what holds for the node before. Gives what was done, in the order of the changes; nothing
 * where no file has the node. Throws EditRefusal.
 */
export function editAll(
  files: InventoryFiles,
  texts: Texts,
  node: string,
  changes: readonly Change[],
  leaves: readonly Explained[],
): Edited[] {
  const set = byIndex(changes.filter(({ value }) => value !== undefined));
  const removed = byIndex(changes.filter(({ value }) => value === undefined)).reverse();
  const done = new Map<Change, Edit>();
  for (const change of [...set, ...removed]) {
    const edit = editNode(files, texts, node, change, leaves);
    if (edit) done.set(change, edit);
  }
  const gone = [...done.values()].filter(({ value, isChange }) => value === undefined && isChange);
  return changes.flatMap((change) => {
    const edit = done.get(change);
    return edit ? [{ ...edit, now: moved(edit, gone) }] : [];
  });
}

/** Gives changes with those in one list by their indices, and else as they come. */
function byIndex(changes: readonly Change[], depth = 0): Change[] {
  const groups = new Map<string | number | undefined, Change[]>();
  for (const change of changes) {
    const step = change.path[depth];
    const group = groups.get(step);
    if (group) group.push(change);
    else groups.set(step, [change]);
  }
  return [...groups]
    .sort(([a], [b]) => (typeof a === 'number' && typeof b === 'number' ? a - b : 0))
    .flatMap(([step, group]) =>
      step === undefined || group.length === 1 ? group : byIndex(group, depth + 1),
    );
}

function moved({ whole, file }: Edit, gone: readonly Edit[]): Path {
  return whole.map((step, depth) => {
    if (typeof step !== 'number') return step;
    const list = whole.slice(0, depth);
    const before = gone.filter(({ file: other, whole: path }) => {
      const index = path[depth];
      return (
        other === file &&
        path.length === depth + 1 &&
        typeof index === 'number' &&
        index < step &&
        isDeepStrictEqual(path.slice(0, depth), list)
      );
    });
    return step - before.length;
  });
}
