import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isUnknown } from './is-unknown.ts';
import type { Node } from './model.ts';
import { stepsOf } from './steps.ts';

/** What a node's configuration has at a path, and where that stands. */
export interface Effective {
  readonly value: unknown;
  /** The place of the value; where there is none, the node's. */
  readonly at: Place;
}

type Tree = Readonly<Record<string, unknown>>;

/** Gives what a node's configuration has at a path, said or derived; undefined where a fault hides what is said. */
export function effective(node: Draft<Node>, path: string): Effective | undefined {
  if (!node.config || isUnknown(node, path)) return undefined;
  const keys = stepsOf(path);
  const last = keys.length - 1;
  let holder: Tree | undefined = node.config as Tree;
  for (let step = 0; step < last; step += 1) holder = holder?.[keys[step] as string] as Tree | undefined;
  const key = keys[last] as string;
  const value = holder?.[key];
  return {
    value,
    // Most who ask want to know the value alone.
    get at() {
      return holder && value !== undefined ? placeOf(holder, key) : placeOf(node, 'name');
    },
  };
}
