import { nearest } from './text.ts';

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
  if (judged.size > MOST_JUDGED) judged.clear();
  const is = judged.get(key) ?? namesSecret(key);
  judged.set(key, is);
  return is;
}

/** The same words come again and again, also in a text that is read anew: as many are remembered as a site of some thousand nodes has. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 20_000;

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

/** What crypt makes of a password: none can be read out of it. */
const HASH = /^\$(1|5|6|apr1|2[abxy]?|y|gy|7)\$/;

/** MD5, against which thousands of millions are tried in a second. */
const MD5_HASH = /^\$(1|apr1)\$/;

/** Crypt hashes by how they begin, and how they are written as a whole: crypt(5). What is none of these is not judged. */
const WHOLE: readonly { readonly begins: RegExp; readonly form: RegExp }[] = [
  { begins: /^\$(1|apr1)\$/, form: /^\$(1|apr1)\$[^$]*\$[./0-9A-Za-z]{22}$/ },
  { begins: /^\$2[abxy]?\$/, form: /^\$2[abxy]?\$\d\d\$[./0-9A-Za-z]{53}$/ },
  { begins: /^\$5\$/, form: /^\$5\$(rounds=\d+\$)?[^$]*\$[./0-9A-Za-z]{43}$/ },
  { begins: /^\$6\$/, form: /^\$6\$(rounds=\d+\$)?[^$]*\$[./0-9A-Za-z]{86}$/ },
  { begins: /^\$g?y\$/, form: /^\$g?y\$[./0-9A-Za-z]+\$[./0-9A-Za-z]*\$[./0-9A-Za-z]{43}$/ },
];

/** Says whether a password begins as a crypt hash, and is none: cut off, too long, or changed on its way. */
export function isBrokenHash(password: string): boolean {
  const scheme = WHOLE.find(({ begins }) => begins.test(password));
  return scheme !== undefined && !scheme.form.test(password);
}

/** Says whether a password is a hash that is broken by trying. */
export function isMd5Hash(password: string): boolean {
  return MD5_HASH.test(password);
}

/** Says whether a password is a hash of one, as crypt makes it: none can be read out of it. */
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

/** What may stand before the type of a key: `from="10.0.0.0/8",no-pty`. */
const OPTIONS = /^(?:"(?:\\.|[^"\\])*"|[^\s"])+[ \t]+/;

/** Says why a line of an authorized_keys file is not an SSH public key, as a clause; undefined where it is one. */
export function sshKeyFault(line: string): string | undefined {
  const [first = ''] = line.split(/[ \t]/, 1);
  const [type = '', base64 = ''] = (TYPES.has(first) ? line : line.replace(OPTIONS, '')).split(/[ \t]+/);
  if (!TYPES.has(type)) return `${shortened(first)} is no type of key`;
  if (base64 === '') return `nothing follows ${type}`;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return `what follows ${type} is not base64`;
  const fields = fieldsOf(Buffer.from(base64, 'base64'));
  if (base64.length % 4 !== 0 || !fields || fields.length < 2) return 'its base64 is not whole';
  const [inner = ''] = fields;
  return inner === type ? undefined : `its base64 is not of type ${type}`;
}

/** The fields of a key, each of which begins with its length; undefined where they do not fill it. */
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

/** Says whether a text is a private key, or holds one: of OpenSSH, of PEM or of PuTTY. */
export function isPrivateKey(text: string): boolean {
  return /PRIVATE KEY-----|PuTTY-User-Key-File/.test(text);
}
