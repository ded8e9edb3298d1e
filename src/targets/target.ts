import type { Site } from '../site/model.ts';
import type { File } from '../tree/tree.ts';

/** Renders a template, named by its path below `src/targets` without `.eta`, with the data that it calls `it`. */
export type Render = (template: string, data: object) => string;

/** A file of a target, with its path in the output tree. */
export interface Emitted extends File {
  readonly path: string;
}

/** Generates one part of the output tree from the site and the files of earlier targets; `render` renders its templates. */
export interface Target {
  readonly name: string;
  /** The entry of `server.compat` that requests the files. A target without it decides by the site. */
  readonly compat?: Site['server']['compat'][number];
  emit(site: Site, render: Render, made: readonly Emitted[]): Iterable<Emitted>;
}

/** Returns the part of an object with these keys, so that a template receives only the data that it needs. */
export function pick<T extends object>(data: T, keys: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(keys.map((key) => [key, data[key]])) as Partial<T>;
}

/**
 * Renders the restrictions of a service of the host, which uses sockets of these families, and writes to one directory at most.
 * Directives are those of systemd that only some services have, `unprivileged` and `chroot`.
 */
export function sandboxOf(
  render: Render,
  families: string,
  directives: readonly string[],
  writable?: string,
) {
  return render('systemd/sandbox.systemd', { families, directives, writable });
}
