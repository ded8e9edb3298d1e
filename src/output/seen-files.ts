import type { Stats } from 'node:fs';

/** A file that was changed in the last moment may change once more without looking other, in milliseconds: clocks of disks tick slowly. */
const TICK = 2000;

/**
 * What files held when they were last read, as SHA-256 in hexadecimal: for those who compare a folder again and again. It
 * counts as long as the disk says the same of a file: which one it is, its size, and its times.
 */
export class SeenFiles {
  readonly #seen = new Map<string, { readonly stamp: string; readonly digest: string }>();

  /** Gives the digest of a file; undefined where it has to be read. */
  digestOf(path: string, there: Stats): string | undefined {
    const seen = this.#seen.get(path);
    return seen?.stamp === stampOf(there) ? seen.digest : undefined;
  }

  /** Notes what a file held that was read after the disk said this of it, at a time in milliseconds. */
  note(path: string, there: Stats, digest: string, now = Date.now()): void {
    if (now - Math.max(there.mtimeMs, there.ctimeMs) < TICK) this.#seen.delete(path);
    else this.#seen.set(path, { stamp: stampOf(there), digest });
  }
}

function stampOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}
