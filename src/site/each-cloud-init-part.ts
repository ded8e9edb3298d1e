import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { CloudInitData, Node, Site } from './model.ts';

/** A part of the user-data or vendor-data of a node, and where it stands. */
export interface CloudInitPart {
  readonly node: Draft<Node>;
  readonly name: 'user_data' | 'vendor_data';
  readonly part: CloudInitData;
  readonly at: Place;
  /** All parts, this one among them. */
  readonly parts: readonly CloudInitData[];
}

/** Gives every part of what is to be run on nodes: the maps of cloud-config of each as one, and each text. */
export function* eachCloudInitPart({ nodes = [] }: Draft<Site>): Iterable<CloudInitPart> {
  for (const node of nodes) {
    if (!node?.cloudInit) continue;
    for (const [key, name] of [
      ['userData', 'user_data'],
      ['vendorData', 'vendor_data'],
    ] as const) {
      const parts = (node.cloudInit[key] ?? []) as readonly CloudInitData[];
      for (const [index, part] of parts.entries())
        yield { node, name, part, at: placeOf(parts, index), parts };
    }
  }
}
