import { visible } from '../../values/quoting/visible.ts';
import type { SecretText } from './secret-text.ts';

/** Gives what a message calls a text with a secret in it: by whose it is, and by the secrets, never by what it says. */
export function subject({ path, cluster, names, purpose, from }: SecretText): string {
  const what = cluster === undefined ? path : `The token of the cluster ${cluster}`;
  // Nobody says which password a node has that is called by its name: the value's place leads further.
  const where = purpose === 'chap' && from !== undefined ? `, from ${visible(from)}` : '';
  return `${what} (${names.length === 1 ? 'the secret' : 'the secrets'} ${names.join(', ')}${where})`;
}
