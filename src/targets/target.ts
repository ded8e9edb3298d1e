import type { Site } from '../site/model.ts';
import type { File } from '../tree/tree.ts';

/** Renders a template, named by its path below `src/targets` without `.eta`, with the data that it calls `it`. */
export type Render = (template: string, data: object) => string;

/** A file of a target, and where it lies in the tree. */
export interface Emitted extends File {
  readonly path: string;
}

/** One kind of output: reads nothing but the site and what targets before it have made, and writes text through `render`. */
export interface Target {
  readonly name: string;
  emit(site: Site, render: Render, made: readonly Emitted[]): Iterable<Emitted>;
}

/** Gives of an object what it has by some of its keys: what a template gets, where several share an object. */
export function pick<T extends object>(data: T, keys: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(keys.map((key) => [key, data[key]])) as Partial<T>;
}
