import type { Stats } from 'node:fs';
import type { Known } from './known.ts';
import { digest } from './manifest.ts';
import type { File } from './tree.ts';

/** A file that was changed in the last moment may change once more without looking other, in milliseconds: clocks of disks tick slowly. */
const TICK = 2000;

/** What the disk says of a file that becomes other when the file does. */
type Stamp = Pick<Stats, 'ino' | 'mode' | 'size' | 'mtimeMs' | 'ctimeMs'>;

/**
 * What files held when they were last read, as SHA-256 in hexadecimal: for those who compare a folder again and again. It
 * counts as long as the disk says the same of a file: which one it is, its size, and its times. And what was last to be
 * written there, so that of a text that is the same no digest is made anew; and what the manifests of folders say.
 */
export class SeenFiles {
  readonly #seen = new Map<string, Stamp & { readonly digest: string }>();
  readonly #known = new Map<string, { readonly text: string; readonly known: Known }>();
  readonly #made = new Map<string, { readonly text: string; readonly digest: string }>();
  /** The texts that were others than the last time: these will be written. */
  readonly #news = new WeakMap<File, string>();

  /** Forgets what a file was that will be another one, or none. */
  forget(path: string): void {
    this.#seen.delete(path);
  }

  /** Gives what a file was when it was last looked at, for who looks again later; undefined where it has to be looked at. */
  lastOf(path: string): { readonly mode: number; readonly digest: string } | undefined {
    return this.#seen.get(path);
  }

  /** Gives the digest of a file; undefined where it has to be read. */
  digestOf(path: string, there: Stats): string | undefined {
    const seen = this.#seen.get(path);
    return seen && isSame(seen, there) ? seen.digest : undefined;
  }

  /** Notes what a file held that was read after the disk said this of it, at a time in milliseconds. */
  note(path: string, there: Stats, digest: string, now = Date.now()): void {
    const { ino, mode, size, mtimeMs, ctimeMs } = there;
    if (now - Math.max(mtimeMs, ctimeMs) < TICK) this.#seen.delete(path);
    else this.#seen.set(path, { ino, mode, size, mtimeMs, ctimeMs, digest });
  }

  /** Gives the digest of what a file is to hold: a text that is as it was the last time is compared faster than digested. */
  digestOfMade(path: string, file: File, content: File['content']): string {
    if (typeof content !== 'string') return digest(content);
    const last = this.#made.get(path);
    if (last?.text === content) return last.digest;
    const made = { text: content, digest: digest(content) };
    this.#made.set(path, made);
    this.#news.set(file, content);
    return made.digest;
  }

  /** Gives the content of a file whose text was another one than the last time; undefined of others. */
  newTextOf(file: File): string | undefined {
    return this.#news.get(file);
  }

  /** Gives what the manifest of a folder said when it was last noted. */
  lastKnown(folder: string): Known | undefined {
    return this.#known.get(folder)?.known;
  }

  /** Gives what the manifest of a folder says, if it is the last one that was noted. */
  knownBy(folder: string, manifest: string): Known | undefined {
    const last = this.#known.get(folder);
    return last?.text === manifest ? last.known : undefined;
  }

  /** Notes what the manifest of a folder says. */
  noteKnown(folder: string, text: string, known: Known): void {
    this.#known.set(folder, { text, known });
  }
}

function isSame(seen: Stamp, { ino, size, mtimeMs, ctimeMs }: Stamp): boolean {
  return seen.ino === ino && seen.size === size && seen.mtimeMs === mtimeMs && seen.ctimeMs === ctimeMs;
}
