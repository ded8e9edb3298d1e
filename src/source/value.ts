import { selfPlace } from './origin.ts';

/** A value of the inventory. Maps and lists know where each of their values stood; maps inherit no key. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export type ValueMap = { [key: string]: Value };

/** Says whether a value of an inventory is a map. */
export function isValueMap(value: unknown): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Says whether a map that was read is that of a file with nothing in it; one that says `{}` is meant to be empty. */
export function saysNothing(map: ValueMap): boolean {
  const { start, end } = selfPlace(map);
  return start === end;
}
