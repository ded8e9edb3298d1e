/** What may stand between the colon and the brace of `${secret:name}`. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** Says whether a text is the name of a secret. */
export function isSecretName(text: string): boolean {
  return NAME.test(text);
}

/** How the environment's variables for secrets begin. */
export const VARIABLE_PREFIX = 'HARVGEN_SECRET_';

/** Gives the environment's variable for a secret. */
export function variableOf(name: string): string {
  return `${VARIABLE_PREFIX}${name.toUpperCase()}`;
}
