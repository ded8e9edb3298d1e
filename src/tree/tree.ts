/** A file of the output tree. */
export interface File {
  /** Text to write in UTF-8, or binary bytes. May be rendered on each access: a caller that needs the content twice must keep it. */
  readonly content: string | Uint8Array;
  /** Whether a user or a service executes it. */
  readonly executable?: boolean;
  /** Whether only its owner and group may read it: it contains secrets, or information about them. */
  readonly confidential?: boolean;
  /** The substituted secrets in it, in order. Absent if there are none. */
  readonly secrets?: readonly FilledSecret[];
}

/** A secret that replaces its placeholder in a file; positions in bytes. */
export interface FilledSecret {
  readonly start: number;
  readonly length: number;
  /** The placeholder before substitution: `@@secret:name@@`. */
  readonly mark: string;
}

/** The output of a site: its files by path, with forward slashes, relative to the output directory; sorted by path. */
export type Tree = ReadonlyMap<string, File>;

/** Returns the mode for creating a file, before the user's umask applies. */
export function modeOf({ executable, confidential }: File): number {
  return (executable ? 0o755 : 0o644) & (confidential ? 0o750 : 0o777);
}

/** Whether a path is relative and names a file below its directory. */
export function isTreePath(path: string): boolean {
  return !path.includes('\0') && !path.split('/').some((step) => ['', '.', '..'].includes(step));
}

/** Returns the directories above a path of a tree, the outermost first. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
    folders.push(path.slice(0, end));
  return folders;
}

/** Returns the content of a file as text; bytes that are not UTF-8 become replacement characters. */
export function textOf({ content }: File): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}

/**
 * A file whose content is rendered on each access and never kept: a tree of many thousand such files stays small until it is
 * written. Rendering must not fail, since no caller would report it. A copy by `{...file}` has no content.
 */
export class LazyFile<T> implements File {
  readonly path: string;
  readonly confidential?: boolean;
  // Private fields with `#` would cost more than the rest of the object, thousands of times.
  private readonly make: (subject: T) => File['content'];
  private readonly subject: T;

  /** Takes the render function and its argument: many files share one function, and none needs a closure of its own. */
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

  /** Returns the same JSON form as for any other file. */
  toJSON(): File & { readonly path: string } {
    const { path, content, confidential } = this;
    return { path, content, ...(confidential && { confidential }) };
  }
}
