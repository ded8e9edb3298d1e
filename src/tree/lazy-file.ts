import type { File } from './tree.ts';

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

  /** Text, or bytes that are none: the same each time. */
  get content(): File['content'] {
    return this.make(this.subject);
  }

  /** Gives what JSON has of it: what it has of any file. */
  toJSON(): File & { readonly path: string } {
    const { path, content, confidential } = this;
    return { path, content, ...(confidential && { confidential }) };
  }
}
