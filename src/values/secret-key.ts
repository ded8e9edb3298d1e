import { nearest } from './nearest.ts';

/** Words that name a secret, alone or at the end of a longer one: token, PGPASSWORD, client_secret, sssd's ldap_default_authtok. */
const WORDS = /(?:tokens?|passwords?|passwd|passphrase|secret|credentials?|authorization|authtok)$/;

/** Those that do so as a word of their own. */
const WHOLE_WORDS: ReadonlySet<string> = new Set([
  'pass',
  'apikey',
  'accesskey',
  'secretkey',
  'privatekey',
  'activationkey',
]);

/** Those that do so as the whole key. */
const WHOLE_KEYS: ReadonlySet<string> = new Set(['auth']);

/** What makes a secret of a key; activation-key is that of subscription-manager. */
const KEY_OF: ReadonlySet<string> = new Set(['api', 'access', 'private', 'secret', 'activation']);

/** What is said about a secret, and is none: PASSWORD_FILE, accessKeyId, token_ttl. */
const ABOUT: ReadonlySet<string> = new Set(
  'file files path dir id name type url ttl age expiry minutes seconds days length size policy count'.split(
    ' ',
  ),
);

/** Keys of secrets as the schemas have them: what is nearly one is a slip. */
const NAMES = ['token', 'password', 'passwd', 'passphrase', 'privatekey', 'secretaccesskey', 'identitytoken'];

/** Longer ones are no words. */
const LONGEST = 200;

/**
 * Says whether a key names a secret, by its words: K3S_TOKEN, client-secret, bootstrapPassword, registry.apiKey. This is
 * the only place that judges keys: for what is shown of files, of values and of edits, and for warnings.
 */
export function isSecretKey(key: string): boolean {
  if (key.length > LONGEST) return false;
  const words = wordsOf(key);
  if (WHOLE_KEYS.has(words.join(''))) return true;
  const last = words.at(-1) ?? '';
  if (words.length > 1 && (ABOUT.has(last) || words.includes('public'))) return false;
  return words.some(isSecretWord) || nearest(key.replaceAll('.', ''), NAMES, 0.25) !== undefined;
}

function isSecretWord(word: string, at: number, words: readonly string[]): boolean {
  if (WORDS.test(word) || WHOLE_WORDS.has(word)) return true;
  const before = words[at - 1] ?? '';
  return (word === 'key' && KEY_OF.has(before)) || (word === 'pwd' && at > 0);
}

/** The words of a key: parted by `_`, `-`, `.`, and by capitals. */
function wordsOf(key: string): string[] {
  return key
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[-_. ]+/)
    .filter(Boolean);
}
