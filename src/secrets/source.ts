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

/** Thrown where the values of secrets cannot be had as they should. The message is for the user, and holds no value. */
export class SecretsError extends Error {
  /** Takes everything that is wrong, each with its place and with what to do about it. */
  constructor(faults: readonly string[]) {
    super(
      faults.length === 1
        ? faults[0]
        : [`the secrets have ${faults.length} faults:`, ...faults.map((fault) => `  ${fault}`)].join('\n'),
    );
    this.name = 'SecretsError';
  }
}

/** The secrets that an environment gives, and what is wrong with its variables, by the name of the secret. */
export interface EnvironmentSecrets {
  readonly values: ReadonlyMap<string, string>;
  /** Of no matter where nothing needs the secret: the variable is another program's, or for another site. */
  readonly faults: ReadonlyMap<string, SecretFault>;
}

/** Reads the secrets of an environment: `HARVGEN_SECRET_<NAME>`, with the name in upper case. */
export function environmentSecrets(env: Readonly<NodeJS.ProcessEnv>): EnvironmentSecrets {
  const values = new Map<string, string>();
  const faults = new Map<string, SecretFault>();
  const variables = Object.keys(env).filter((one) => one.startsWith(VARIABLE_PREFIX));
  const isRight = (variable: string) => {
    const name = variable.slice(VARIABLE_PREFIX.length).toLowerCase();
    return isSecretName(name) && variable === variableOf(name);
  };
  for (const variable of variables.filter(isRight).sort()) {
    const name = variable.slice(VARIABLE_PREFIX.length).toLowerCase();
    const value = env[variable] ?? '';
    const fault = faultOf(variable, value);
    if (fault) faults.set(name, fault);
    else values.set(name, value);
  }
  for (const variable of variables.filter((one) => !isRight(one)).sort()) {
    const name = nameLike(variable.slice(VARIABLE_PREFIX.length));
    if (!isSecretName(name) || values.has(name) || faults.has(name)) continue;
    faults.set(name, { what: `${variable} names no secret`, help: `write ${variableOf(name)}` });
  }
  return { values, faults };
}

/** The name that a variable was probably meant for: in lower case, with `_`. */
function nameLike(text: string): string {
  return text.toLowerCase().replace(/[-. ]/g, '_');
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
