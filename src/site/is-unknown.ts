import { brokenKeys, isBroken, isSilentOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Node } from './model.ts';
import { stepsOf } from './steps.ts';

/**
 * Says whether it is not known what the inventory says at a path of a node's configuration, such as os.ntp_servers,
 * because a fault has been reported of it, of an entry of it, or beside where it is missing: of its absence nothing
 * can be concluded then.
 */
export function isUnknown(node: Draft<Node>, path: string): boolean {
  if (!node.said || isBroken(node, 'said')) return true;
  let at: unknown = node.said;
  for (const key of stepsOf(path)) {
    if (!isContainer(at)) return false;
    const next = at[key];
    if (next === undefined) return !isSilentOf(at, key);
    at = next;
  }
  return isContainer(at) && brokenKeys(at).length > 0;
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
