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
}
