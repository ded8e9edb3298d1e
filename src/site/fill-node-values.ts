import { copyWith, located, placeOf, selfPlace, setPlace } from '../source/origin.ts';
import type { NodeValues } from './node-values.ts';

/** Says whether a value of the node, `${node:…}`, stands in any text of a map or list; keys are none. */
export function holdsNodeValue(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('${node:');
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsNodeValue);
}

/** Gives a map or list with the values of a node in its texts; what holds none of them is shared. */
export function fillNodeValues<T extends object>(container: T, values: NodeValues): T {
  const changes: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(container)) {
    if (!holdsNodeValue(value)) continue;
    changes[key] =
      typeof value === 'string'
        ? values.fill(value, placeOf(container, key as never))
        : fillNodeValues(value as object, values);
  }
  if (Object.keys(changes).length === 0) return container;
  if (!Array.isArray(container)) return copyWith(container, changes as Partial<T>);
  const list: unknown[] = located([], selfPlace(container));
  for (const [index, value] of container.entries()) {
    setPlace(list, index, placeOf(container, index));
    list.push(changes[index] ?? value);
  }
  return list as T;
}
