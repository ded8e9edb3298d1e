import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Node, Site } from './model.ts';

const KEYS = [
  ['uuid', 'UUID'],
  ['serial', 'serial number'],
] as const;

/** What a machine's firmware says of it, as the inventory has it. */
export interface MachineId {
  readonly node: Draft<Node>;
  /** What it is, in words. */
  readonly what: 'UUID' | 'serial number';
  /** The key that says it. */
  readonly key: 'uuid' | 'serial';
  readonly value: string;
  /** The same for both spellings: a web server on a file system that knows no case has one file for them. */
  readonly id: string;
  readonly at: Place;
}

/** Gives every UUID and serial number that a site's nodes are known by, in the order of the inventory. */
export function* eachMachineId({ nodes = [] }: Pick<Draft<Site>, 'nodes'>): Iterable<MachineId> {
  for (const node of nodes) {
    if (!node?.uuid && !node?.serial) continue;
    for (const [key, what] of KEYS) {
      const value = node?.[key];
      if (node && value)
        yield { node, what, key, value, id: `${key} ${value.toLowerCase()}`, at: placeOf(node, key) };
    }
  }
}
