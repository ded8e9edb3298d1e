/** A file of the output. */
export interface File {
  readonly content: string;
  /** Whether a person or a service runs it. */
  readonly executable?: boolean;
}

/** The output of a site: its files by path, with forward slashes, relative to the output folder; sorted by path. */
export type Tree = ReadonlyMap<string, File>;
