import { isSecretName, VARIABLE_PREFIX, variableOf } from '../values/identifiers.ts';
import { UserError } from '../values/user-error.ts';

/** The values of secrets by name. They go only into files that no other user can read, and are never displayed. */
export type SecretValues = ReadonlyMap<string, string>;

/** An error in the source of a secret, without its value, and its remedy. */
export interface SecretProblem {
  readonly what: string;
  readonly help: string;
}

/** The source of the values of secrets. */
export interface SecretSource {
  /** Whether the user passed --secrets: then no value may be missing. Values of the environment may be for other sites. */
  readonly isAsked: boolean;
  /** Returns the value of a secret for a site, or undefined. */
  find(site: string, name: string): string | undefined;
  /** Returns the source location of a secret's value for a site, `file:line:column` or a variable, or undefined. */
  locationOf(site: string, name: string): string | undefined;
  /** Returns why the value of a secret is unusable, or undefined if it is usable or not set. */
  problemOf(name: string): SecretProblem | undefined;
  /** Returns the names of all secrets with a value for a site, sorted: for finding typos. */
  names(site: string): readonly string[];
  /** The contents of the file, for finding typos in it. Missing if there is no file. */
  readonly written?: SecretsFile;
}

/** A value from a file. */
export interface SecretValue {
  readonly value: string;
  /** Its source location, as file:line:column. */
  readonly at: string;
}

/** The values of a file by name: for all sites, and for one site by its name, with the beginning of its section. */
export interface SecretsFile {
  readonly all: ReadonlyMap<string, SecretValue>;
  readonly sites: ReadonlyMap<
    string,
    { readonly secrets: ReadonlyMap<string, SecretValue>; readonly at: string }
  >;
}

/** Thrown if the values of secrets are unusable. The message is for the user and contains no value. */
export class SecretsError extends UserError {
  override readonly name = 'SecretsError';

  /** Takes all errors, each with its source location and remedy. */
  constructor(errors: readonly string[]) {
    super(
      errors.length === 1
        ? errors[0]
        : [`the secrets have ${errors.length} errors:`, ...errors.map((error) => `  ${error}`)].join('\n'),
    );
  }
}

/**
 * Reads the secrets of an environment: `HARVGEN_SECRET_<NAME>`, with the name in upper case. Also returns the errors of its
 * variables, by the name of the secret. Such an error does not matter if nothing needs the secret: the variable may be for
 * another program or another site.
 */
export function environmentSecrets(env: Readonly<NodeJS.ProcessEnv>) {
  const values = new Map<string, string>();
  const errors = new Map<string, SecretProblem>();
  const nameIn = (variable: string) => variable.slice(VARIABLE_PREFIX.length).toLowerCase();
  const isRight = (variable: string) =>
    isSecretName(nameIn(variable)) && variable === variableOf(nameIn(variable));
  const variables = Object.keys(env)
    .filter((variable) => variable.startsWith(VARIABLE_PREFIX))
    .sort();
  for (const variable of variables.filter(isRight)) {
    const value = env[variable] ?? '';
    const error = errorOf(variable, value);
    if (error) errors.set(nameIn(variable), error);
    else values.set(nameIn(variable), value);
  }
  for (const variable of variables) {
    // The probable intention.
    const name = nameIn(variable).replace(/[-. ]/g, '_');
    if (isRight(variable) || !isSecretName(name) || values.has(name) || errors.has(name)) continue;
    const what = `${variable} is not the variable of a secret`;
    errors.set(name, { what, help: `write ${variableOf(name)}` });
  }
  return { values, errors };
}

function errorOf(variable: string, value: string): SecretProblem | undefined {
  if (value === '') return { what: `${variable} has no value`, help: 'set it or remove it' };
  // Node.js replaces bytes that are not UTF-8 with U+FFFD.
  if (!/[\ufffd\p{Cs}]/u.test(value)) return undefined;
  return {
    what: `the bytes of ${variable} are not UTF-8, which would change the secret`,
    help: 'set it with --secrets',
  };
}
