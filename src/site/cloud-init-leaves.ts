import { hasPlace, isBroken, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { CloudInit, Group } from './model.ts';

type Steps = readonly (string | number)[];

/** A value that holds no others, of what cloud-init finds, and the key that one would write for it. */
export interface CloudInitLeaf {
  /** From the key `cloud_init` on. */
  readonly path: Steps;
  readonly value: unknown;
  readonly at: Place;
  /** What holds it: the map or list, or the parts of user-data or vendor-data. */
  readonly holder: object;
}

/** What was found of data that nodes share: it never changes. */
const known = new WeakMap<object, readonly CloudInitLeaf[]>();

/** Gives the leaves of what cloud-init finds on a node, or of what a group says, as they are merged. */
export function cloudInitLeaves(data: Draft<CloudInit> | Draft<Group>): readonly CloudInitLeaf[] {
  const leaves = known.get(data) ?? [...leavesOf(data)];
  known.set(data, leaves);
  return leaves;
}

function* leavesOf(data: Draft<CloudInit> | Draft<Group>): Iterable<CloudInitLeaf> {
  const found = data as Readonly<Record<string, unknown>>;
  for (const [key, name] of [
    ['userData', 'user_data'],
    ['vendorData', 'vendor_data'],
    ['metaData', 'meta_data'],
    ['networkConfig', 'network_config'],
  ] as const) {
    const value = found[key];
    if (value === undefined || isBroken(found, key) || isUnsaid(found, key)) continue;
    // The parts of user-data have no key of their own.
    if (Array.isArray(value)) {
      for (const index of value.keys()) yield* below(value, index, ['cloud_init', name]);
    } else yield* below(found, key, ['cloud_init', name]);
  }
}

/** Says whether nobody has said a key: what has nothing in it is harvgen's own then. */
function isUnsaid(data: Readonly<Record<string, unknown>>, key: string): boolean {
  return !hasPlace(data, key) && Object.keys(data[key] as object).length === 0;
}

function* below(holder: object, key: string | number, path: Steps): Iterable<CloudInitLeaf> {
  const value = (holder as Readonly<Record<string | number, unknown>>)[key];
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (keys.length === 0 && value !== undefined)
    yield { path, value, at: placeOf(holder, key as never), holder };
  for (const inner of keys) {
    const step = Array.isArray(value) ? Number(inner) : inner;
    yield* below(value as object, step, [...path, step]);
  }
}
