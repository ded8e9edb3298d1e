import { readFileSync } from 'node:fs';
import { Source } from '../source/origin.ts';
import type { FileChange } from './save.ts';

/** A byte order mark: editors of some systems begin files with it. It is no part of the YAML, and stays. */
const MARK = '\ufeff';

/** A file as it was read. */
interface File {
  readonly bytes: Buffer;
  /** Its byte order mark, if it has one. */
  readonly mark: string;
  readonly source: Source;
}

/** The texts of files with edits that are not saved yet. Each is read once, so that all edits are of the same text. */
export class Texts {
  readonly #files = new Map<string, File>();
  readonly #edited = new Map<string, Source>();

  /** Gives the text of a file as it is edited, without a byte order mark. Throws what `readFileSync` throws. */
  source(path: string): Source {
    return this.#edited.get(path) ?? this.original(path);
  }

  /** Gives the text of a file as it was read. Throws what `readFileSync` throws. */
  original(path: string): Source {
    return this.#read(path).source;
  }

  /** Puts another text in the place of a file's. */
  put(path: string, source: Source): void {
    if (source.text === this.original(path).text) this.#edited.delete(path);
    else this.#edited.set(path, source);
  }

  /** The files that an edit has changed, with what they held when they were read. */
  get changes(): readonly FileChange[] {
    return [...this.#edited].map(([path, { text }]) => {
      const { bytes, mark } = this.#read(path);
      return { path, before: bytes, after: mark + text };
    });
  }

  #read(path: string): File {
    let read = this.#files.get(path);
    if (!read) {
      const bytes = readFileSync(path);
      const text = bytes.toString('utf8');
      const mark = text.startsWith(MARK) ? MARK : '';
      read = { bytes, mark, source: new Source(path, text.slice(mark.length)) };
      this.#files.set(path, read);
    }
    return read;
  }
}
