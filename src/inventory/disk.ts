import { readFileSync } from 'node:fs';

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

  /** Gives the bytes of a file. Throws what `readFileSync` throws. */
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
