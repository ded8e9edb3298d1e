import { factsOf } from './facts.ts';

const FACTS = factsOf<{
  readonly publicSecrets: readonly string[];
  readonly sharedUuids: readonly string[];
  readonly sharedSerials: readonly string[];
  readonly sharedSerialPhrases: readonly string[];
  readonly smdValues: Readonly<Record<string, readonly string[]>>;
  readonly smdOtherTypes: readonly string[];
  readonly publicDomains: readonly string[];
}>('known-values');

/** Tokens and passwords from public examples, and those that attackers try first; in lower case. */
const KNOWN: ReadonlySet<string> = new Set(FACTS.publicSecrets);

/** Whether a token or password is publicly known. */
export function isPublicValue(value: string): boolean {
  return KNOWN.has(value.toLowerCase());
}

/** A value that only shows where one belongs: `<YOUR_IP>`, `...`; and a key of SSH: `ssh-rsa ...`, `ssh-rsa AAAA... me`. */
const PLACEHOLDER = /^(?:\.{3}|…|<[\w .:@-]+>)$|^(?:ssh|ecdsa|sk)-\S+\s+(?:AAAA\S*?)?(?:\.{3}|…|<)/;

/**
 * Whether a value of an example is a placeholder, not a value. Sources: config-create.yaml and the userdata of
 * harvester/ipxe-examples, and the documentation of Harvester.
 */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && PLACEHOLDER.test(value.trim());
}

/** References of other programs to a secret: shells, Jinja, Helm, GitHub, vaults. */
const REFERENCE =
  /^(?:\$\{[^{}]*\}|\$\([^()]*\)|\$?\{\{.*\}\}|\$(?:[A-Z_][A-Z0-9_]*|(?=\w*?(?:token|pass|secret|key))[\w:]+)|secret:\w+|(?:ref\+\w+:|vault:|op:\/\/)\S+)$/s;

/** What templates of other systems write where a secret belongs. */
const UNFILLED =
  /^(?:<[^<>]+>|%\w+%|@\w+@|__\w+__|x{3,32}|\*{3,32}|todo|fixme|tbd|(?:token|password|secret|key)[_-]value|your[_-][\w-]+|(?:change|replace|insert|fill)[_-]?(?:me|this|it|in)(?:[_-].*)?)$/i;

/** Whether a token or password is the placeholder of a template that nobody filled in; references of harvgen are none. */
export function isUnfilled(value: string): boolean {
  return isForeignReference(value) || UNFILLED.test(value.trim()) || isPlaceholder(value);
}

/** Whether a token or password is a reference of another program than harvgen, such as `$TOKEN` or `{{ token }}`. */
export function isForeignReference(value: string): boolean {
  return REFERENCE.test(value.trim()) && !/^\$\{secret:/.test(value);
}

/** Rows of a keyboard, the digits and the alphabet; each is also tried backward. */
const ROWS =
  'abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop qwertzuiop azertyuiop asdfghjkl zxcvbnm yxcvbnm'.split(
    ' ',
  );
const PIECES: readonly string[] = [...ROWS, ...ROWS.map((row) => Array.from(row).reverse().join(''))];

/** Minimum length of a run: shorter ones also occur by chance. */
const RUN = 4;

/** Number of characters of which one may be outside a pattern, for example a digit. */
const OTHERS = 6;

/** Whether a token or password consists of known words and of runs along rows, except for a few characters. */
export function isPattern(value: string): boolean {
  const text = value.toLowerCase();
  let others = 0;
  for (let at = 0; at < text.length; ) {
    const length = Math.max(knownAt(text, at), runAt(text, at));
    others += length > 0 ? 0 : 1;
    at += length || 1;
  }
  return others * OTHERS <= text.length;
}

function knownAt(text: string, at: number): number {
  let longest = 0;
  for (const word of KNOWN)
    if (word.length >= RUN && word.length > longest && text.startsWith(word, at)) longest = word.length;
  return longest;
}

function runAt(text: string, at: number): number {
  let longest = 0;
  for (const row of PIECES) {
    const start = row.indexOf(text[at] ?? '');
    if (start < 0) continue;
    let length = 1;
    while (start + length < row.length && text[at + length] === row[start + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest < RUN ? 0 : longest;
}

/** Minimum length of a repeated character that is not a serial number: the shortest in these lists has six. */
const FEWEST = 4;

/** Whether many machines have this UUID, ignoring case. */
export function isSharedUuid(uuid: string): boolean {
  return FACTS.sharedUuids.includes(uuid.toLowerCase()) || isOneCharacter(uuid.replaceAll('-', ''));
}

/** Whether many machines have this serial number, ignoring case. */
export function isSharedSerial(serial: string): boolean {
  const text = serial.toLowerCase();
  const { sharedSerials, sharedSerialPhrases } = FACTS;
  const isShared = sharedSerials.includes(text) || sharedSerialPhrases.includes(text.replace(/[._-]/g, ''));
  return isShared || isOneCharacter(text);
}

function isOneCharacter(text: string): boolean {
  return text.length >= FEWEST && new Set(text.toLowerCase()).size === 1;
}

/** The values that SMD accepts for each property of a component, of types those in a tree; and its other types. */
export const { smdValues: SMD_VALUES, smdOtherTypes: SMD_OTHER_TYPES } = FACTS;

const PUBLIC_HOST = new RegExp(`(?:^|\\.)(?:${FACTS.publicDomains.join('|').replaceAll('.', '\\.')})$`, 'i');

/** Whether a host name is of a well-known service on the internet. Other names may be of the site itself. */
export function isPublicHost(host: string): boolean {
  return PUBLIC_HOST.test(host);
}
