import type { Report } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import type { Cidr } from '../../values/addresses.ts';
import type { Version } from '../../values/version.ts';
import type { Gathered, ImportNote } from './gathered.ts';

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

/** A file format with data of machines. Several files, also of different formats, can be joined into one site. */
export interface JoinedFormat extends Pick<ImportFormat, 'name' | 'what'> {
  /** Whether a text most probably has this format; checked if another format cannot read the file. */
  isLike(source: Source): boolean;
  /** Returns the data of a file, or undefined if it reports an error. */
  read(source: Source, report: Report): Gathered | undefined;
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
