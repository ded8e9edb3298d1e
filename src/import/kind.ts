import type { Report } from '../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import type { Cidr } from '../values/addresses.ts';
import type { Version } from '../values/version.ts';

type OwnOption = 'harvesterVersion' | 'server' | 'subnet' | 'launch';

/** A kind of file of another system that can be made into sites. */
export interface ImportFormat {
  /** As it is given on the command line. */
  readonly name: string;
  /** What such a file is, and whose, in a few words. */
  readonly what: string;
  /** The options of its own that it takes. */
  readonly takes: readonly OwnOption[];
  /** Makes sites of a file, each with a name of its own; undefined where an error has been reported. */
  read(source: Source, wish: ImportSettings, report: Report): readonly ImportedSite[] | undefined;
}

/** What the command line says of the sites. */
export interface ImportSettings {
  /** What the site shall be called, where the file makes one; else it is called as the file says. */
  readonly site?: string | undefined;
  /** What it is called where the file does not say so, either: the file's folder. Undefined for standard input. */
  readonly folder?: string | undefined;
  /** The release to move to; else the kind knows. */
  readonly harvesterVersion?: Version | undefined;
  /** The URL that machines fetch from; else as the file says. */
  readonly server?: string | undefined;
  /** The subnet that machines are on; else as the file lets it guess. */
  readonly subnet?: Cidr | undefined;
  /** Another file of the same system, which says what the file does not. */
  readonly launch?: Source | undefined;
}

/** A site that has been made of a file of another system. */
export interface ImportedSite {
  readonly name: string;
  /** The whole site.yaml, without a secret. */
  readonly text: string;
  /** The values of its secrets, as far as the file has them, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** The same names, and where in the file their values stand. */
  readonly secretsAt: ReadonlyMap<string, SourceLocation>;
  /** The commands that make the others, by name. */
  readonly secretsToMake?: ReadonlyMap<string, string>;
  readonly notes: readonly ImportNote[];
}

/** What a person must know of the way over: in the order of the file. */
export interface ImportNote {
  /** `left` could not be carried, `changed` is carried otherwise, `open` is for the person to fill in. */
  readonly kind: 'left' | 'changed' | 'open';
  /** Where the file says it; undefined for what it does not say. */
  readonly at?: SourceLocation | undefined;
  /** What it is about: the name of a variable or key. */
  readonly of: string;
  /** What to do instead, or what was made of it. Without any value that may be a secret. */
  readonly text: string;
}
