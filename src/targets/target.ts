import type { Site } from '../site/model.ts';
import type { File } from '../tree/tree.ts';
import type { Render } from './render.ts';

/** A file of a target, and where it lies in the tree. */
export interface Emitted extends File {
  readonly path: string;
}

/**
 * One kind of output: a pure function from a site to files. It gives no file where the site does not need one, reads
 * nothing but the site and what the targets before it in the list have made, and writes text formats through `render`.
 */
export interface Target {
  readonly name: string;
  emit(site: Site, render: Render, made: readonly Emitted[]): Iterable<Emitted>;
}
