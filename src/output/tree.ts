/** A file of the output. */
export interface File {
  /** Text as it is written in UTF-8, or bytes that are no text. */
  readonly content: string | Uint8Array;
  /** Whether a person or a service runs it. */
  readonly executable?: boolean;
}

/** The output of a site: its files by path, with forward slashes, relative to the output folder; sorted by path. */
export type Tree = ReadonlyMap<string, File>;

/** Gives the folders that a path of a tree lies in, the outermost first. */
export function foldersAbove(path: string): string[] {
  const steps = path.split('/').slice(0, -1);
  return steps.map((_, index) => steps.slice(0, index + 1).join('/'));
}

/** Gives the content of a file as text; bytes that are no UTF-8 come out as replacement characters. */
export function textOf({ content }: File): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
