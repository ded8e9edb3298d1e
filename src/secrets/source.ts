import { isSecretName, VARIABLE_PREFIX, variableOf } from '../values/identifiers.ts';

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
  /** What a file gives: for finding slips in it. Not there where there is no such file. */
  readonly written?: GivenSecrets;
}

/** A value as a file gives it. */
export interface GivenSecret {
  readonly value: string;
  /** Where it stands, as file:line:column. */
  readonly at: string;
}

/** What a file gives, by name: for all sites, and for one alone, by the site's name, with where its section begins. */
export interface GivenSecrets {
  readonly all: ReadonlyMap<string, GivenSecret>;
  readonly sites: ReadonlyMap<
    string,
    { readonly secrets: ReadonlyMap<string, GivenSecret>; readonly at: string }
  >;
}

/** Thrown where the values of secrets cannot be had as they should. The message is for the user, and holds no value. */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';

  /** Takes everything that is wrong, each with its place and with what to do about it. */
  constructor(faults: readonly string[]) {
    super(
      faults.length === 1
        ? faults[0]
        : [`the secrets have ${faults.length} faults:`, ...faults.map((fault) => `  ${fault}`)].join('\n'),
    );
  }
}

/**
 * Reads the secrets of an environment: `HARVGEN_SECRET_<NAME>`, with the name in upper case, and what is wrong with its
 * variables, by the name of the secret. Such a fault is of no matter where nothing needs the secret: the variable is
 * another program's, or for another site.
 */
export function environmentSecrets(env: Readonly<NodeJS.ProcessEnv>) {
  const values = new Map<string, string>();
  const faults = new Map<string, SecretFault>();
  const variables = Object.keys(env).filter((one) => one.startsWith(VARIABLE_PREFIX));
  const nameIn = (variable: string) => variable.slice(VARIABLE_PREFIX.length).toLowerCase();
  const isRight = (variable: string) =>
    isSecretName(nameIn(variable)) && variable === variableOf(nameIn(variable));
  for (const variable of variables.filter(isRight).sort()) {
    const name = nameIn(variable);
    const value = env[variable] ?? '';
    const fault = faultOf(variable, value);
    if (fault) faults.set(name, fault);
    else values.set(name, value);
  }
  for (const variable of variables.filter((one) => !isRight(one)).sort()) {
    // What was probably meant.
    const name = nameIn(variable).replace(/[-. ]/g, '_');
    if (!isSecretName(name) || values.has(name) || faults.has(name)) continue;
    faults.set(name, { what: `${variable} names no secret`, help: `write ${variableOf(name)}` });
  }
  return { values, faults };
}

function faultOf(variable: string, value: string): SecretFault | undefined {
  if (value === '') return { what: `${variable} has no value`, help: 'give it one, or leave it out' };
  // Node.js puts U+FFFD in place of bytes that are no UTF-8.
  if (!/[\ufffd\p{Cs}]/u.test(value)) return undefined;
  return {
    what: `the bytes of ${variable} are not UTF-8, so that the secret would be another one`,
    help: 'give it by --secrets',
  };
}
