import type { SecretText } from './secret-text.ts';

/** Gives what a message calls a text with a secret in it: by whose it is, and by the secrets, never by what it says. */
export function subject({ path, cluster, names }: SecretText): string {
  const what = cluster === undefined ? path : `The token of the cluster ${cluster}`;
  return `${what} (${names.length === 1 ? 'the secret' : 'the secrets'} ${names.join(', ')})`;
}
