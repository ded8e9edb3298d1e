import { ADDONS } from '../../knowledge/installed-keys.ts';
import type { Path } from '../../source/leaf.ts';
import { isValueMap } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import type { ClusterObject } from '../../targets/cluster/objects.ts';
import type { Difference, Found } from './difference.ts';
import type { ObjectName } from './dump.ts';
import type { Place, Places } from './places.ts';

/** The declared objects, by name and by source location. */
export class Declared {
  readonly #byName: ReadonlyMap<string, ClusterObject>;
  readonly #objects: readonly ClusterObject[];
  readonly #counts = new Map<string, number>();

  constructor(objects: readonly ClusterObject[]) {
    this.#objects = objects;
    this.#byName = new Map(objects.map((one) => [Declared.#keyOf(one), one]));
  }

  find(object: ObjectName): ClusterObject | undefined {
    return this.#byName.get(Declared.#keyOf(object));
  }

  /** Returns the number of nodes whose value at a path has a source location. */
  nodesWith(path: Path, at: SourceLocation): number {
    const key = locationKey(at);
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const nodes = this.#objects.filter((one) => one.kind === 'Node' && locationKey(one.at(path)) === key);
    this.#counts.set(key, nodes.length);
    return nodes.length;
  }

  static #keyOf({ kind, name, namespace }: ObjectName): string {
    return [kind, namespace, name].join('/');
  }
}

/** Returns the key of the inventory to edit, if it contains the compared value as it is, and its new value. */
export function placeOf(
  { object, path, nodes, at, declared, running, list }: Found,
  objects: Declared,
  places: Places,
): Pick<Difference, 'place' | 'keep'> {
  const { kind, name, namespace } = object;
  const own = objects.find(object);
  if (at) {
    const place = places.at(at);
    if (!place || running === undefined || !isAsWritten(place.value, declared)) return { place: undefined };
    if (list) return { place: { ...place, path: place.path.slice(0, -1) }, keep: list };
    const isPart = kind === 'Node' && nodes.length < objects.nodesWith(path, at);
    return { place: isPart ? ofNodes(place, nodes) : place, keep: running };
  }
  const above = own && path.length > 1 ? own.at(path.slice(0, -1)) : undefined;
  // The source location of the whole object is that of no value.
  const isOwn = above && own && locationKey(above) !== locationKey(own.at([]));
  const around = isOwn && kind !== 'Node' ? places.at(above) : undefined;
  if (around && list) return { place: around, keep: list };
  if (around && isValueMap(around.value))
    return { place: { ...around, path: [...around.path, path.at(-1) ?? ''] }, keep: running };
  if (own && kind !== 'Node') return {};
  if (kind === 'Setting') return { place: ofDefaults('system_settings', name), keep: running };
  if (kind === 'Node' && path[1] === 'labels')
    return { place: { path: ['nodes', '', 'config', 'os', 'labels', path[2] ?? ''], nodes }, keep: running };
  const [key] =
    Object.entries(ADDONS).find(([, [space, addon]]) => space === namespace && addon === name) ?? [];
  return kind === 'Addon' && key !== undefined
    ? { place: ofDefaults('install', 'addons', key, 'enabled'), keep: running }
    : {};
}

/** Returns the own key of some nodes in place of one in a layer. */
function ofNodes(
  { path, nodes: all }: Place,
  nodes: readonly string[],
): Pick<Place, 'path' | 'nodes'> | undefined {
  if (all.length > 0) return { path, nodes };
  const own = path.slice({ defaults: 1, profiles: 2 }[String(path[0])] ?? path.length);
  return own.length > 0 ? { path: ['nodes', '', ...own], nodes } : undefined;
}

function ofDefaults(...path: Path): Pick<Place, 'path' | 'nodes'> {
  return { path: ['defaults', 'config', ...path], nodes: [] };
}

function isAsWritten(written: unknown, declared: unknown): boolean {
  return typeof written === 'object'
    ? JSON.stringify(written) === JSON.stringify(declared)
    : String(written) === String(declared);
}
