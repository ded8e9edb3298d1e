import { isAlias, isMap, isSeq, type Node } from 'yaml';
import type { Path } from '../source/leaf.ts';
import { type Collection, type Item, itemsOf } from './items.ts';
import type { YamlText } from './yaml-text.ts';

/** A pair or entry on the way to a value, and what holds it. */
export interface Step {
  readonly container: Collection & Node;
  readonly items: readonly Item[];
  readonly item: Item;
}

/** How far a text has a path itself: what comes by aliases and merge keys is not its own. */
export interface Trail {
  /** The outermost first. */
  readonly steps: readonly Step[];
  /** The value at the last of them; the root where there is none. Null for an empty one. */
  readonly value: Node | null;
  /** What of the path is not there. */
  readonly rest: Path;
}

/** Follows a path through a text as far as it is there. */
export function locate({ root }: YamlText, path: Path): Trail {
  const steps: Step[] = [];
  let value: Node | null = root ?? null;
  for (const [index, step] of path.entries()) {
    const next: Step | undefined = stepInto(value, step);
    if (!next) return { steps, value, rest: path.slice(index) };
    steps.push(next);
    value = next.item.value;
  }
  return { steps, value, rest: [] };
}

function stepInto(value: Node | null, step: string | number): Step | undefined {
  if (!isCollection(value)) return undefined;
  const items = itemsOf(value);
  const item = items.find((one) => one.step === step);
  return item && { container: value, items, item };
}

/** Says whether a node is a map or a list. */
export function isCollection(node: Node | null | undefined): node is Collection & Node {
  return isMap(node) || isSeq(node);
}

/** Gives the value of a key that a map has by merge keys, in the map that it comes from; undefined where it has none. */
export function mergedPair(text: YamlText, map: Collection, key: string | number): Item | undefined {
  for (const { merges, value } of itemsOf(map)) {
    if (!merges) continue;
    const merged = resolved(text, value);
    const sources = isSeq(merged) ? (merged.items as Node[]).map((item) => resolved(text, item)) : [merged];
    for (const source of sources) {
      if (!isMap(source)) continue;
      const found =
        itemsOf(source as Collection).find(({ step }) => step === key) ??
        mergedPair(text, source as Collection, key);
      if (found) return found;
    }
  }
  return undefined;
}

/** Gives what an alias stands for; any other node is itself. */
export function resolved({ targets }: YamlText, node: Node | null): Node | null {
  return isAlias(node) ? (targets.get(node) ?? null) : node;
}
