import { type Part, partAt, sitePart } from '../knowledge/schemas.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { isValueMap, markBroken, takeOut, type Value, type ValueMap } from '../source/origin.ts';
import { type SchemaErrors, violationIn } from './schema-errors.ts';

/** A key in a map where it does not belong. */
interface Stray {
  readonly key: string;
  readonly value: Value | undefined;
  /** The path of the map. */
  readonly path: Path;
}

/** A map that a stray key may belong to: its line was moved, or the line above it was deleted. */
export interface Place {
  readonly path: Path;
  /** Whether the inventory has the map. */
  readonly exists: boolean;
}

/**
 * Returns the maps that a stray key may belong to: those around its own map, and their child maps, also such that the inventory
 * lacks. Marks the key as broken in each of them.
 */
export function placesOf(root: ValueMap, { key, value, path }: Stray): Place[] {
  const places: Place[] = [];
  for (let depth = 0; depth <= path.length; depth++) {
    const around = path.slice(0, depth);
    const { properties = {} } = partOf(around)?.schema ?? {};
    const inner = Object.keys(properties).map((name) => [...around, name]);
    for (const place of depth < path.length ? [around, ...inner] : inner) {
      const part = partOf(place);
      const map = valueAt(root, place);
      const holder = valueAt(root, place.slice(0, -1));
      if (!part || pathText(place) === pathText(path) || !isKeyOf(part, key, value)) continue;
      if (isValueMap(map) && !(key in map)) markBroken(map, key);
      else if ((map === undefined || map === null) && isValueMap(holder))
        markBroken(holder, place.at(-1) as string);
      else continue;
      places.push({ path: place, exists: isValueMap(map) });
    }
  }
  return places;
}

/** Entries of a section that are keys of an entry, or of another section: the line above them is missing, or they are misaligned. */
export interface Misplaced {
  readonly section: string;
  readonly map: ValueMap;
  /** The first of them. */
  readonly key: string;
  readonly place: Place | undefined;
}

/** Takes misplaced entries out of the sections, and returns them with the errors that are not below one of them. */
export function withoutMisplaced(root: ValueMap, errors: SchemaErrors) {
  const entryOf = ({ path, key }: { readonly path: Path; readonly key?: string }) =>
    pathText([...path, key ?? ''].slice(0, 2));
  const withErrors = new Set([...errors.values, ...errors.missing, ...errors.unknown].map(entryOf));
  const taken = new Set<string>();
  const misplaced = Object.keys(root).flatMap((section): Misplaced[] => {
    const map = root[section];
    const entry = sitePart([section])?.schema.properties ? undefined : partOf([section, '…']);
    const keys = entry?.schema.properties;
    if (!isValueMap(map) || !keys) return [];
    const found = Object.keys(map).flatMap((key) => {
      const value = map[key];
      const inner = isValueMap(value) ? Object.keys(value) : [''];
      // An entry may have the name of a key; the error may be in a value of an entry.
      if (!withErrors.has(pathText([section, key])) || inner.every((name) => name in keys)) return [];
      const isOfEntry = key in keys && !inner.some((name) => name in keys);
      const place = placesOf(root, { key, value, path: [section] }).find(({ exists }) => !exists);
      return isOfEntry || place ? [{ section, map, key, place }] : [];
    });
    for (const { key } of found) {
      taken.add(pathText([section, key]));
      for (const other of Object.values(map))
        if (isValueMap(other) && !(key in other)) markBroken(other, key);
      takeOut(map, key);
    }
    return found.slice(0, 1);
  });
  const left = Object.entries(errors).map(([kind, list]: [string, (typeof errors)[keyof SchemaErrors]]) => [
    kind,
    list.filter((error) => !taken.has(entryOf(error))),
  ]);
  return { misplaced, left: Object.fromEntries(left) as SchemaErrors };
}

/** Whether a map has a key for such a value; if its keys are names, whether the value has only keys of its entries. */
function isKeyOf(part: Part, key: string, value: Value | undefined): boolean {
  const { properties = {}, additionalProperties: others } = part.schema;
  const child = partAt(part, key)?.schema;
  if (!child || value === undefined || value === null) return false;
  if (Object.hasOwn(properties, key)) return violationIn(value, child)?.keyword !== 'type';
  const { properties: ofEntry } = child;
  const keys = isValueMap(value) ? Object.keys(value) : [];
  return others !== true && ofEntry !== undefined && keys.length > 0 && keys.every((key) => key in ofEntry);
}

const partOf = (path: Path) => sitePart(path.map(String));

function valueAt(root: ValueMap, path: Path): Value | undefined {
  return path.reduce<Value | undefined>((map, step) => (map as ValueMap | undefined)?.[step], root);
}
