import { isSecretName, VARIABLE_PREFIX, variableOf } from './name.ts';
import { whyNoValue } from './parse-secrets.ts';

/** The secrets that an environment gives by name, and what is wrong with its variables. */
export interface EnvironmentSecrets {
  readonly values: ReadonlyMap<string, string>;
  readonly faults: readonly string[];
}

/** Reads the secrets of an environment: `HARVGEN_SECRET_<NAME>`, with the name in upper case. */
export function environmentSecrets(env: Readonly<NodeJS.ProcessEnv>): EnvironmentSecrets {
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (const variable of Object.keys(env)
    .filter((one) => one.startsWith(VARIABLE_PREFIX))
    .sort()) {
    const value = env[variable] ?? '';
    const name = variable.slice(VARIABLE_PREFIX.length).toLowerCase();
    const wrong = whyNoValue(value);
    if (!isSecretName(name) || variable !== variableOf(name))
      faults.push(
        `${variable}: this names no secret: write ${VARIABLE_PREFIX}<NAME>, with the secret's name in upper case`,
      );
    else if (wrong) faults.push(`${variable}: the secret ${wrong}`);
    // Node.js puts U+FFFD in place of bytes that are no UTF-8.
    else if (value.includes('\ufffd'))
      faults.push(
        `${variable}: its bytes are not UTF-8, so that the secret would be another one: give it by --secrets`,
      );
    else values.set(name, value);
  }
  return { values, faults };
}
