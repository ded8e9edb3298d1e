import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Path } from '../source/leaf.ts';
import type { Value } from '../source/value.ts';
import { keyText } from './items.ts';

/** What a text says, without how: its values in their order, anchors and aliases included, comments and quotes not. */
export type Outline =
  | { readonly scalar: unknown; readonly anchor?: string }
  | { readonly alias: string }
  | { readonly map: readonly (readonly [key: string, value: Outline])[]; readonly anchor?: string }
  | { readonly list: readonly Outline[]; readonly anchor?: string };

/** Gives the outline of what was read. */
export function outlineOf(node: Node | null | undefined): Outline {
  if (isAlias(node)) return { alias: (node as Alias).source };
  const anchor = node && 'anchor' in node && node.anchor ? { anchor: node.anchor } : {};
  if (isMap(node)) {
    const pairs = node.items as { key: Node; value: Node | null }[];
    return { map: pairs.map(({ key, value }) => [keyText(key) ?? '', outlineOf(value)] as const), ...anchor };
  }
  if (isSeq(node)) return { list: (node.items as Node[]).map(outlineOf), ...anchor };
  return { scalar: isScalar(node) ? node.value : null, ...anchor };
}

/** Gives the outline of a value. */
export function outlineOfValue(value: Value): Outline {
  if (Array.isArray(value)) return { list: value.map(outlineOfValue) };
  if (typeof value === 'object' && value !== null)
    return { map: Object.entries(value).map(([key, item]) => [key, outlineOfValue(item)]) };
  return { scalar: value };
}

/** Gives an outline with another value at a path: a new key or entry comes last, and an anchor there stays. */
export function outlineWith(outline: Outline | undefined, path: Path, value: Value): Outline {
  const anchor = outline && 'anchor' in outline && outline.anchor ? { anchor: outline.anchor } : {};
  const [step, ...rest] = path;
  if (step === undefined) return { ...outlineOfValue(value), ...anchor } as Outline;
  if (typeof step === 'number') {
    const list = outline && 'list' in outline ? [...outline.list] : [];
    list[step] = outlineWith(list[step], rest, value);
    return { list, ...anchor };
  }
  const map = outline && 'map' in outline ? [...outline.map] : [];
  const at = map.findIndex(([key]) => key === step);
  const pair = [step, outlineWith(map[at]?.[1], rest, value)] as const;
  if (at < 0) map.push(pair);
  else map[at] = pair;
  return { map, ...anchor };
}

/** Gives an outline without the key or entry at a path that is there. */
export function outlineWithout(outline: Outline, path: Path): Outline {
  const [step, ...rest] = path;
  const without = (inner: Outline): Outline[] => (rest.length > 0 ? [outlineWithout(inner, rest)] : []);
  if ('list' in outline) {
    return {
      ...outline,
      list: outline.list.flatMap((item, index) => (index === step ? without(item) : [item])),
    };
  }
  if (!('map' in outline)) return outline;
  const map = outline.map.flatMap(([key, value]) =>
    key === step ? without(value).map((inner) => [key, inner] as const) : [[key, value] as const],
  );
  return { ...outline, map };
}
