import { isSecretName, VARIABLE_PREFIX, variableOf } from '../values/secret-name.ts';
import type { SecretFault } from './source.ts';

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
