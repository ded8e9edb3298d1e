/** A file of the output. */
export interface File {
  /**
   * Text as it is written in UTF-8, or bytes that are no text. It may be made each time it is asked for: who needs it twice
   * keeps it.
   */
  readonly content: string | Uint8Array;
  /** Whether a person or a service runs it. */
  readonly executable?: boolean;
  /** Whether it is for its owner and their group alone: it holds secrets, or tells of them. */
  readonly confidential?: boolean;
  /** Where secrets stand in it, in their order. Not there where none do. */
  readonly secrets?: readonly FilledSecret[];
}

/** A secret that stands in a file in place of its mark, counted in bytes. */
export interface FilledSecret {
  readonly start: number;
  readonly length: number;
  /** What stands there when nothing is filled in: `@@secret:name@@`. */
  readonly mark: string;
}

/** The output of a site: its files by path, with forward slashes, relative to the output folder; sorted by path. */
export type Tree = ReadonlyMap<string, File>;

/** Gives the mode that a file is made with, before the user's umask takes from it. */
export function modeOf({ executable, confidential }: File): number {
  return (executable ? 0o755 : 0o644) & (confidential ? 0o750 : 0o777);
}

/** Gives the folders that a path of a tree lies in, the outermost first. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
    folders.push(path.slice(0, end));
  return folders;
}

/** Gives the content of a file as text; bytes that are no UTF-8 come out as replacement characters. */
export function textOf({ content }: File): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}

/**
 * A file whose content is made each time it is asked for, and kept by nobody: a tree of many thousand of them is small until
 * it is written. Only for what cannot fail, since nobody reports it then. A copy by `{...file}` has no content.
 */
export class LazyFile<T> implements File {
  readonly path: string;
  readonly confidential?: boolean;
  // By `#` they would cost more than the rest of it, thousands of times.
  private readonly make: (subject: T) => File['content'];
  private readonly subject: T;

  /** Takes what makes the content, and what it is made of: many files share the one, and none needs a function of its own. */
  constructor(
    path: string,
    make: (subject: T) => File['content'],
    subject: T,
    { confidential = false }: { readonly confidential?: boolean } = {},
  ) {
    this.path = path;
    this.make = make;
    this.subject = subject;
    if (confidential) this.confidential = true;
  }

  get content(): File['content'] {
    return this.make(this.subject);
  }

  /** Gives what JSON has of it: what it has of any file. */
  toJSON(): File & { readonly path: string } {
    const { path, content, confidential } = this;
    return { path, content, ...(confidential && { confidential }) };
  }
}
