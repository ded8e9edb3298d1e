import { isCryptHash } from '../values/crypt-hash.ts';
import { isPrivateKey } from '../values/ssh-key.ts';
import type { CloudInitLeaf } from './cloud-init-leaves.ts';

/** A key of MUNGE is a secret whatever it looks like. */
const KEY_FILE = /(?:^|\/)munge\.key$/;

/** What cloud-init makes a password of by itself. Source: cloud-init, cloudinit/config/cc_set_passwords.py. */
const RANDOM = /^(?:R|RANDOM)$/;

/**
 * Says whether a text that cloud-init finds is a secret by where it stands: a password that is no crypt hash, a private key, a
 * key of MUNGE. `isNamed` says whether a value is a secret by the name of its key.
 */
export function isClearInCloudInit(
  { path, holder }: CloudInitLeaf,
  value: string,
  isNamed: (key: string, value: string) => boolean,
): boolean {
  if (isPrivateKey(value)) return true;
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  if (path.includes('chpasswd') && key === 'list') return passwordsIn(value).some(isClearPassword);
  if (key === 'content') return KEY_FILE.test(String((holder as { readonly path?: unknown }).path ?? ''));
  // Of these a crypt hash is the usual form, and a public key is none.
  return isNamed(String(key), value) && isClearPassword(value);
}

function isClearPassword(value: string): boolean {
  return !RANDOM.test(value) && !isCryptHash(value);
}

/** The passwords of `user:password`, a line each. */
function passwordsIn(list: string): string[] {
  return list.split('\n').flatMap((line) => /^[^:\s]+:(.+)$/.exec(line.trim())?.[1] ?? []);
}
