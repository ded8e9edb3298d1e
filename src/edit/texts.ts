import { readFileSync } from 'node:fs';
import { Source } from '../origin.ts';
import type { FileChange } from './save.ts';

/** A byte order mark: editors of some systems begin files with it. It is no part of the YAML, and stays. */
const MARK = '\ufeff';

/** The texts of files with edits that are not saved yet. Each is read once, so that all edits are of the same text. */
export class Texts {
  readonly #files = new Map<string, { bytes: Buffer; mark: string; text: string }>();
  readonly #edited = new Map<string, string>();

  /** Gives the text of a file as it is edited, without a byte order mark. Throws what `readFileSync` throws. */
  source(path: string): Source {
    return new Source(path, this.#edited.get(path) ?? this.#read(path).text);
  }

  /** Gives the text of a file as it was read. Throws what `readFileSync` throws. */
  original(path: string): Source {
    return new Source(path, this.#read(path).text);
  }

  /** Puts another text in the place of a file's. */
  put(path: string, text: string): void {
    if (text === this.#read(path).text) this.#edited.delete(path);
    else this.#edited.set(path, text);
  }

  /** The files that an edit has changed, with what they held when they were read. */
  get changes(): readonly FileChange[] {
    return [...this.#edited].map(([path, text]) => {
      const { bytes, mark } = this.#read(path);
      return { path, before: bytes, after: mark + text };
    });
  }

  #read(path: string): { bytes: Buffer; mark: string; text: string } {
    let read = this.#files.get(path);
    if (!read) {
      const bytes = readFileSync(path);
      const text = bytes.toString('utf8');
      const mark = text.startsWith(MARK) ? MARK : '';
      read = { bytes, mark, text: text.slice(mark.length) };
      this.#files.set(path, read);
    }
    return read;
  }
}
