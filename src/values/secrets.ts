import { nearest } from './text.ts';

/** Words that name a secret, alone or at the end of a longer one: token, PGPASSWORD, client_secret, sssd's ldap_default_authtok. */
const WORDS = /(?:tokens?|passwords?|passwd|passphrase|secret|credentials?|authorization|authtok)$/;

/** Words that name a secret only as a whole word. */
const WHOLE_WORDS: ReadonlySet<string> = new Set([
  'pass',
  'apikey',
  'accesskey',
  'secretkey',
  'privatekey',
  'activationkey',
  'presharedkey',
]);

/** Words that name a secret only as the whole key. */
const WHOLE_KEYS: ReadonlySet<string> = new Set(['auth']);

/** Words that make "key" after them a secret; activation-key belongs to subscription-manager, PresharedKey to WireGuard. */
const KEY_OF: ReadonlySet<string> = new Set([
  'api',
  'access',
  'private',
  'secret',
  'activation',
  'preshared',
]);

/** Last words of keys that describe a secret but do not contain one: PASSWORD_FILE, accessKeyId, token_ttl. */
const ABOUT: ReadonlySet<string> = new Set(
  'file files path dir id name type mode url ttl age expiry minutes seconds days length size policy count'.split(
    ' ',
  ),
);

/** Keys of secrets in the schemas: a similar key is probably a typo. */
const NAMES = ['token', 'password', 'passwd', 'passphrase', 'privatekey', 'secretaccesskey', 'identitytoken'];

/** Longer keys are not words. */
const LONGEST = 200;

/**
 * Whether a key names a secret, by its words: K3S_TOKEN, client-secret, bootstrapPassword, registry.apiKey. All displays of
 * files, values and edits, and all warnings, use this single function to judge keys.
 */
export function isSecretKey(key: string): boolean {
  if (key.length > LONGEST) return false;
  if (secretByKey.size > MOST_CACHED) secretByKey.clear();
  const isSecret = secretByKey.get(key) ?? namesSecret(key);
  secretByKey.set(key, isSecret);
  return isSecret;
}

/** Caches results, because the same words recur, also when a file is read again; sized for a site of some thousand nodes. */
const secretByKey = new Map<string, boolean>();
const MOST_CACHED = 20_000;

function namesSecret(key: string): boolean {
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

function wordsOf(key: string): string[] {
  return key
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[-_. ]+/)
    .filter(Boolean);
}

/** Whether a text contains a private or preshared key of WireGuard. Source: wireguard-tools, src/config.c. */
export function hasWireguardKey(text: string): boolean {
  return /^[ \t]*(?:PrivateKey|PresharedKey)[ \t]*=[ \t]*[A-Za-z0-9+/]{43}=/im.test(text);
}

/** A password hash of crypt, which does not reveal the password. */
const HASH = /^\$(1|5|6|apr1|2[abxy]?|y|gy|7)\$/;

/** MD5: an attacker can try billions of passwords per second. */
const MD5_HASH = /^\$(1|apr1)\$/;

/** Crypt hashes: the prefix, and the form of the complete hash, as in crypt(5). Other hashes are not checked. */
const WHOLE: readonly { readonly begins: RegExp; readonly form: RegExp }[] = [
  { begins: /^\$(1|apr1)\$/, form: /^\$(1|apr1)\$[^$]*\$[./0-9A-Za-z]{22}$/ },
  { begins: /^\$2[abxy]?\$/, form: /^\$2[abxy]?\$\d\d\$[./0-9A-Za-z]{53}$/ },
  { begins: /^\$5\$/, form: /^\$5\$(rounds=\d+\$)?[^$]*\$[./0-9A-Za-z]{43}$/ },
  { begins: /^\$6\$/, form: /^\$6\$(rounds=\d+\$)?[^$]*\$[./0-9A-Za-z]{86}$/ },
  { begins: /^\$g?y\$/, form: /^\$g?y\$[./0-9A-Za-z]+\$[./0-9A-Za-z]*\$[./0-9A-Za-z]{43}$/ },
];

/** Whether a password begins like a crypt hash but is not a valid one: truncated, too long, or altered. */
export function isBrokenHash(password: string): boolean {
  const scheme = WHOLE.find(({ begins }) => begins.test(password));
  return scheme !== undefined && !scheme.form.test(password);
}

/** Whether a password is a hash weak enough for brute force. */
export function isMd5Hash(password: string): boolean {
  return MD5_HASH.test(password);
}

/** Whether a password is a crypt hash, which does not reveal the password. */
export function isCryptHash(password: string): boolean {
  return HASH.test(password);
}

const TYPES: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ssh-dss',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);

/** Options before the type of a key: `from="10.0.0.0/8",no-pty`. */
const OPTIONS = /^(?:"(?:\\.|[^"\\])*"|[^\s"])+[ \t]+/;

/** Returns why a line of an authorized_keys file is not an SSH public key, as a clause, or undefined if it is one. */
export function sshKeyError(line: string): string | undefined {
  const [first = ''] = line.split(/[ \t]/, 1);
  const [type = '', base64 = ''] = (TYPES.has(first) ? line : line.replace(OPTIONS, '')).split(/[ \t]+/);
  if (!TYPES.has(type)) return `${shortened(first)} is not a key type`;
  if (base64 === '') return `nothing follows ${type}`;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return `what follows ${type} is not base64`;
  const fields = fieldsOf(Buffer.from(base64, 'base64'));
  if (base64.length % 4 !== 0 || !fields || fields.length < 2) return 'its base64 is incomplete';
  const [inner = ''] = fields;
  return inner === type ? undefined : `its base64 is not of type ${type}`;
}

/** Returns the fields of a key, each of which begins with its length, or undefined if they do not fill the key. */
function fieldsOf(key: Buffer): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  while (at + 4 <= key.length) {
    const start = at + 4;
    at = start + key.readUInt32BE(at);
    fields.push(key.toString('latin1', start, at));
  }
  return at === key.length ? fields : undefined;
}

function shortened(word: string): string {
  return word.length > 24 ? `${word.slice(0, 24)}…` : word;
}

/** Whether a text is or contains a private key: in OpenSSH, PEM or PuTTY format. */
export function isPrivateKey(text: string): boolean {
  return /PRIVATE KEY-----|PuTTY-User-Key-File/.test(text);
}
