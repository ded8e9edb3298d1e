/** The values of secrets by name. They go into files that are no one else's to read, and into nothing that is shown. */
export type SecretValues = ReadonlyMap<string, string>;

/** What is wrong with what should give a secret, without its value, and what to do about it. */
export interface SecretFault {
  readonly what: string;
  readonly help: string;
}

/** Where the values of secrets come from. */
export interface SecretSource {
  /** Whether the values were asked for: then none may be missing. Those of the environment may concern other sites. */
  readonly isAsked: boolean;
  /** Gives the value of a secret for a site; undefined where there is none. */
  find(site: string, name: string): string | undefined;
  /** Says where the value of a secret for a site stands: `file:line:column`, or a variable; undefined where there is none. */
  placeOf(site: string, name: string): string | undefined;
  /** Says why a secret cannot be had as it was given; undefined where it can, or was not given. */
  faultOf(name: string): SecretFault | undefined;
  /** Gives the names of all that there are for a site, sorted: one of them may be what was meant. */
  names(site: string): readonly string[];
  /** What a file gives, by name, with its places: for finding slips in it. Not there where there is no such file. */
  readonly written?: WrittenNames;
}

/** The names in a file of secrets, each with its place as file:line:column. */
export interface WrittenNames {
  /** Those for all sites. */
  readonly all: ReadonlyMap<string, string>;
  /** Those for one site alone. */
  readonly sections: readonly WrittenSection[];
}

/** What a file of secrets has for one site alone. */
export interface WrittenSection {
  readonly site: string;
  /** Where it begins. */
  readonly at: string;
  readonly names: ReadonlyMap<string, string>;
}
