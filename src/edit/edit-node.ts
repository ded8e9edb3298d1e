import type { Explained } from '../inspect/explain/explain-node.ts';
import { select } from '../inspect/explain/format.ts';
import type { InventoryFile, InventoryFiles } from '../inventory/files.ts';
import { type Path, pathText } from '../source/leaf.ts';
import type { Place } from '../source/origin.ts';
import type { Value } from '../source/value.ts';
import { chooseFile, isElsewhere, valueIn } from './choose-file.ts';
import { findValue, withoutValue, withValue } from './edit-text.ts';
import { EditRefusal } from './refusal.ts';
import type { Texts } from './texts.ts';

/** A key of a node, and what it shall be; undefined for one that shall be gone. */
export interface Change {
  readonly path: Path;
  readonly value: Value | undefined;
  /** How a number is to be written, where that matters: 0x81. */
  readonly written?: string;
}

/** What was done for a change. */
export interface Edit extends Change {
  /** The path of the file that the key belongs into. */
  readonly file: string;
  /** Where the key was in the whole of that file before. */
  readonly whole: Path;
  /** What the file said itself before; undefined where it said nothing. */
  readonly old: { readonly value: Value; readonly at: Place } | undefined;
  /** Whether the text is another one now. */
  readonly isChange: boolean;
}

/**
 * Makes a change of a node in the text of the file where it belongs. Takes what holds for the node before. Gives what
 * was done; undefined where no file has the node. Throws EditRefusal.
 */
export function editNode(
  files: InventoryFiles,
  texts: Texts,
  node: string,
  { path, value, written }: Change,
  leaves: readonly Explained[],
): Edit | undefined {
  const file = chooseFile(files, node, path);
  if (!file) return undefined;
  const whole: Path = ['nodes', node, ...path];
  const source = texts.source(file.path);
  const at = findValue(texts.original(file.path), whole);
  if (value !== undefined) refuseHiddenList(file, node, path, leaves);
  // A node must not vanish with its last key, unless another file has it.
  const keep = isElsewhere(files, file, node) ? 0 : 2;
  const edited =
    value === undefined ? withoutValue(source, whole, keep) : withValue(source, whole, value, written);
  texts.put(file.path, edited);
  return {
    path,
    value,
    file: file.path,
    whole,
    old: at && { value: valueIn(file, node, path) ?? null, at },
    isChange: edited !== source,
  };
}

/** A list replaces the one of a layer below it, or that is derived: a piece of its own would take all others away. */
function refuseHiddenList(file: InventoryFile, node: string, path: Path, leaves: readonly Explained[]): void {
  for (const [index, step] of path.entries()) {
    const list = path.slice(0, index);
    if (typeof step !== 'number' || valueIn(file, node, list) !== undefined) continue;
    const key = pathText(list);
    const name = pathText(path);
    // What is derived for this very piece gives way to it.
    const isHidden = (leaf: Explained) => leaf.derived === undefined || !select([leaf], name).includes(leaf);
    const hidden = leaves.find(
      (leaf) => leaf.at && pathText(leaf.path).startsWith(`${key}[`) && isHidden(leaf),
    );
    if (!hidden?.at) continue;
    throw new EditRefusal(
      `the entries of ${key} come from here, and a list of ${node}'s own takes their place: set it whole, as ${key}=[…]`,
      hidden.at,
    );
  }
}
