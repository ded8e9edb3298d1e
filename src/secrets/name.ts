/** What may stand between the colon and the brace of `${secret:name}`. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** Says whether a text is the name of a secret. */
export function isSecretName(text: string): boolean {
  return NAME.test(text);
}
