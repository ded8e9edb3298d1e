import type { Report } from '../diagnostics/report.ts';
import type { Place, Source } from '../origin.ts';

/** A kind of file of another system that can be made into a site. */
export interface ImportKind {
  /** As it is given on the command line. */
  readonly name: string;
  /** What such a file is, and whose, in a few words. */
  readonly what: string;
  /** Makes a site of a file. Reports what is wrong with it; gives undefined where there has been an error. */
  read(source: Source, wish: ImportWish, report: Report): ImportedSite | undefined;
}

/** What the command line says of the site. */
export interface ImportWish {
  /** What the site shall be called; else it is called as the file says. */
  readonly site?: string | undefined;
  /** What it is called where the file does not say so, either: the file's folder. Undefined for standard input. */
  readonly folder?: string | undefined;
}

/** A site that has been made of a file of another system. */
export interface ImportedSite {
  readonly name: string;
  /** The whole site.yaml, without a secret. */
  readonly text: string;
  /** The values of its secrets, as far as the file has them, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** The same names, and where in the file their values stand. */
  readonly secretsAt: ReadonlyMap<string, Place>;
  readonly notes: readonly ImportNote[];
}

/** What a person must know of the way over: in the order of the file. */
export interface ImportNote {
  /** `left` could not be carried, `changed` is carried otherwise, `open` is for the person to fill in. */
  readonly kind: 'left' | 'changed' | 'open';
  /** Where the file says it; undefined for what it does not say. */
  readonly at?: Place | undefined;
  /** What it is about: the name of a variable. */
  readonly of: string;
  /** What to do instead, or what was made of it. Without any value that may be a secret. */
  readonly text: string;
}
