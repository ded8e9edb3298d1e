import { type Place, placeOf } from '../origin.ts';
import type { Draft } from './draft.ts';
import type { Node, Site } from './model.ts';

/** What a machine's firmware says of it, as the inventory has it. */
export interface MachineId {
  readonly node: Draft<Node>;
  /** What it is, in words. */
  readonly what: 'UUID' | 'serial number';
  /** The key that says it. */
  readonly key: 'uuid' | 'serial';
  readonly value: string;
  readonly at: Place;
}

/** Gives every UUID and serial number that a site's nodes are known by, in the order of the inventory. */
export function* eachMachineId({ nodes = [] }: Pick<Draft<Site>, 'nodes'>): Iterable<MachineId> {
  for (const node of nodes) {
    if (node?.uuid) yield { node, what: 'UUID', key: 'uuid', value: node.uuid, at: placeOf(node, 'uuid') };
    if (node?.serial)
      yield { node, what: 'serial number', key: 'serial', value: node.serial, at: placeOf(node, 'serial') };
  }
}
