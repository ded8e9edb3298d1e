import { readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { whyUnreadable } from '../values/unreadable.ts';

/** The files of the disk for one compilation. Records the requested files, so that a watcher can observe them, and takes unsaved edits. */
export class Disk {
  readonly #edits: ReadonlyMap<string, string>;
  readonly #requested = new Set<string>();

  /** Takes texts by absolute path that replace the files on the disk. */
  constructor(edits: ReadonlyMap<string, string> = new Map()) {
    this.#edits = edits;
  }

  /** The absolute paths of the requested files, whether they exist or not. */
  get requested(): readonly string[] {
    return [...this.#requested];
  }

  /** Records a file that would be read if it existed. */
  request(path: string): void {
    this.#requested.add(path);
  }

  bytes(path: string): Uint8Array {
    this.request(path);
    const edit = this.#edits.get(path);
    return edit === undefined ? readFileSync(path) : Buffer.from(edit);
  }

  /** Returns the text of a UTF-8 file. Throws the errors of `readFileSync`, and a TypeError if the file is not UTF-8. */
  text(path: string): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes(path));
  }
}

/** Whether a path is a file; follows links. */
export function isFile(path: string): boolean {
  return stat(path)?.isFile() ?? false;
}

/** Whether a path is a directory; follows links. */
export function isFolder(path: string): boolean {
  return stat(path)?.isDirectory() ?? false;
}

/** Whether two paths are the same file or directory, by links or on a case-insensitive file system. */
export function isSame(path: string, other: string): boolean {
  const [one, two] = [stat(path), stat(other)];
  return one !== undefined && one.ino === two?.ino && one.dev === two.dev;
}

/** Returns the properties of a path, and follows links; undefined if it is missing or unreachable. */
export function stat(path: string): Stats | undefined {
  return orUndefined(() => statSync(path, { throwIfNoEntry: false }));
}

/** Returns the missing target of a link, with a message and the help; undefined for anything else. */
export function brokenLink(path: string) {
  const target =
    orUndefined(() => realpathSync(path)) === undefined ? orUndefined(() => readlinkSync(path)) : undefined;
  if (target === undefined) return undefined;
  return {
    target: resolve(dirname(path), target),
    message: `This link leads to ${target}, which does not exist: its content would be missing from the output.`,
    help: 'fix the link, or replace it by its target',
  };
}

/** A file that keeps an empty directory in git, and files that desktops write. */
const LEFT_BEHIND: ReadonlySet<string> = new Set(['.gitkeep', '.DS_Store', 'Thumbs.db']);

/** Vim's swap files, with 4913, its test for write permission; Emacs' locks and unsaved texts; backups of both. */
const EDITORS = /^(\.(.*\.)?sw[a-p]|4913|\.#.*|#.*#|.*~)$/s;

/**
 * Whether editors, desktops or git write files or directories of this name. Takes the name without its directories. Such files
 * are not part of a site, and changes in them have no effect.
 */
export function isIgnoredFile(name: string): boolean {
  return LEFT_BEHIND.has(name) || EDITORS.test(name);
}

/** Reports a file or directory that is unreadable, from the error that reading it threw. */
export function reportUnreadable(path: string, error: unknown, report: Report): void {
  report.error({ code: 'unreadable-file', ...whyUnreadable(error), at: wholeFile(path) });
}

/** Returns the location of a whole file, by its absolute path: for errors of the file rather than of a line. */
export function wholeFile(path: string): SourceLocation {
  return { source: new Source(path, ''), start: 0, end: 0 };
}
