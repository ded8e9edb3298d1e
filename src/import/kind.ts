import type { Report } from '../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import type { Cidr } from '../values/addresses.ts';
import type { Version } from '../values/version.ts';

type OwnOption = 'harvesterVersion' | 'server' | 'subnet' | 'launch';

/** A file format of another system that can be converted to sites. */
export interface ImportFormat {
  /** The name on the command line. */
  readonly name: string;
  /** A short description of the file and its system. */
  readonly what: string;
  /** The format-specific options that it accepts. */
  readonly takes: readonly OwnOption[];
  /** Converts a file to sites, each with a unique name; returns undefined if it reports an error. */
  read(source: Source, options: ImportSettings, report: Report): readonly ImportedSite[] | undefined;
}

/** The settings of the sites on the command line. */
export interface ImportSettings {
  /** The site name, if the file has one site (default: from the file). */
  readonly site?: string | undefined;
  /** The site name if the file has none: the file's directory. Undefined for standard input. */
  readonly folder?: string | undefined;
  /** The Harvester release of the site (default: chosen by the format). */
  readonly harvesterVersion?: Version | undefined;
  /** The base URL that machines download from (default: from the file). */
  readonly server?: string | undefined;
  /** The subnet of the machines (default: guessed from the file). */
  readonly subnet?: Cidr | undefined;
  /** Another file of the same system, with settings that the first one lacks. */
  readonly launch?: Source | undefined;
}

/** A site that was converted from a file of another system. */
export interface ImportedSite {
  readonly name: string;
  /** The complete site.yaml, without secrets. */
  readonly text: string;
  /** The secret values that the file contains, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** The source locations of these values, by the same names. */
  readonly secretsAt: ReadonlyMap<string, SourceLocation>;
  /** The commands that generate the other secrets, by name. */
  readonly secretsToMake?: ReadonlyMap<string, string>;
  readonly notes: readonly ImportNote[];
}

/** A migration note for the user. Notes are in the order of the file. */
export interface ImportNote {
  /** `left` is not imported, `changed` is imported differently, and `open` must be filled in by the user. */
  readonly kind: 'left' | 'changed' | 'open';
  /** The source location; undefined for settings that the file lacks. */
  readonly at?: SourceLocation | undefined;
  /** The name of the variable or key that the note is about. */
  readonly of: string;
  /** The advice, or how it was converted; never contains a value that can be a secret. */
  readonly text: string;
}
