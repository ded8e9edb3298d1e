/** What may stand between the colon and the brace of `${secret:name}`. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** Says whether a text is the name of a secret. */
export function isSecretName(text: string): boolean {
  return NAME.test(text);
}

/** Gives the name that a text was probably meant for: in lower case, with `_`; undefined where that is none either. */
export function secretNameLike(text: string): string | undefined {
  const name = text.toLowerCase().replace(/[-. ]/g, '_');
  return isSecretName(name) ? name : undefined;
}

/** How the environment's variables for secrets begin. */
export const VARIABLE_PREFIX = 'HARVGEN_SECRET_';

/** Gives the environment's variable for a secret. */
export function variableOf(name: string): string {
  return `${VARIABLE_PREFIX}${name.toUpperCase()}`;
}
