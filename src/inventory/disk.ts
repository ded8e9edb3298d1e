import { readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Source, type SourceLocation } from '../source/source.ts';

/**
 * The files of the disk as one compilation sees them. It remembers which it was asked for, so that a watch knows what to
 * look at, and takes edits that nobody has saved yet.
 */
export class Disk {
  readonly #edits: ReadonlyMap<string, string>;
  readonly #asked = new Set<string>();

  /** Takes the texts, by absolute path, that count instead of what is on the disk. */
  constructor(edits: ReadonlyMap<string, string> = new Map()) {
    this.#edits = edits;
  }

  /** The absolute paths of the files that were asked for, whether they were there or not. */
  get asked(): readonly string[] {
    return [...this.#asked];
  }

  /** Remembers a file that would have been read if it were there. */
  ask(path: string): void {
    this.#asked.add(path);
  }

  bytes(path: string): Uint8Array {
    this.ask(path);
    const edit = this.#edits.get(path);
    return edit === undefined ? readFileSync(path) : Buffer.from(edit);
  }

  /** Gives the text of a UTF-8 file. Throws what `readFileSync` throws, and a TypeError for what is not UTF-8. */
  text(path: string): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes(path));
  }
}

/** Says whether a file is at a path, links followed. */
export function isFile(path: string): boolean {
  return stat(path)?.isFile() ?? false;
}

/** Says whether a folder is at a path, links followed. */
export function isFolder(path: string): boolean {
  return stat(path)?.isDirectory() ?? false;
}

/** Says whether two paths lead to the same thing: by a link, or on a file system that does not tell case. */
export function isSame(path: string, other: string): boolean {
  const [one, two] = [stat(path), stat(other)];
  return one !== undefined && one.ino === two?.ino && one.dev === two.dev;
}

/** What is at a path, links followed; undefined for nothing, and for what cannot be reached. */
export function stat(path: string): Stats | undefined {
  return orNone(() => statSync(path, { throwIfNoEntry: false }));
}

/** A link that leads to nothing: where it leads, what that means, and what to do. */
export interface BrokenLink {
  readonly target: string;
  readonly message: string;
  readonly help: string;
}

/** Gives what is to be said of a link that leads to nothing; undefined for what is no link, or leads to something. */
export function brokenLink(path: string): BrokenLink | undefined {
  const target =
    orNone(() => realpathSync(path)) === undefined ? orNone(() => readlinkSync(path)) : undefined;
  if (target === undefined) return undefined;
  return {
    target: resolve(dirname(path), target),
    message: `This link leads to ${target}, and so to nothing: what it should say would be missing.`,
    help: 'lead the link to what it should lead to, or put that here itself',
  };
}

function orNone<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** What git needs to keep an empty folder, and what desktops leave behind. */
const LEFT_BEHIND: ReadonlySet<string> = new Set(['.gitkeep', '.DS_Store', 'Thumbs.db']);

/** Vim's swap files, with which it also tries a folder out (4913), Emacs' locks and unsaved texts, and backups of both. */
const EDITORS = /^(\.(.*\.)?sw[a-p]|4913|\.#.*|#.*#|.*~)$/s;

/**
 * Says whether a file or folder is litter, by its name alone, without the folders around it: what editors, desktops and
 * git put beside the files that somebody means. It is no part of a site, and nothing happens when it comes or goes.
 */
export function isIgnoredFile(name: string): boolean {
  return LEFT_BEHIND.has(name) || EDITORS.test(name);
}

/** Gives the place of a file as a whole, by its absolute path: for what is wrong with the file, not with a line of it. */
export function wholeFile(path: string): SourceLocation {
  return { source: new Source(path, ''), start: 0, end: 0 };
}
