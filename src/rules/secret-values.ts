import { isKnownToAll, isPattern } from '../knowledge/known-values.ts';
import { encryptionOf } from '../secrets/encrypted.ts';
import type { SecretValues } from '../secrets/source.ts';
import { isJson } from '../secrets/uses-of.ts';
import type { Node, Site } from '../site/model.ts';
import type { Report, Severity } from '../source/diagnostics/report.ts';
import { locationKey } from '../source/source.ts';
import { isBrokenHash, isCryptHash, isMd5Hash } from '../values/secrets.ts';
import { escapeControlChars } from '../values/text.ts';
import { opensTemplate } from './harvester-config.ts';
import { error, type Finding, type Rule, warning } from './rule.ts';
import { type SecretPurpose, type SecretText, secretTexts } from './secret-texts.ts';
import { HASH_HELP } from './secrets.ts';

/**
 * One rule over the values of a site's secrets, where they are given. It reports at the place that refers to the secret,
 * never any part of a value, nor how long it is; and it never throws.
 */
export interface ValueRule extends Omit<Rule, 'check'> {
  check(texts: readonly SecretText[], report: (finding: ValueFinding) => void): void;
}

type ValueFinding = Omit<Finding, 'node' | 'dedupe'> & { readonly node?: Node };

/** Returns what a message calls a text with a secret in it: whose it is, and the secrets, never what it says. */
function subject({ path, cluster, names, purpose, from }: SecretText): string {
  const what = cluster === undefined ? path : `The token of the cluster ${cluster}`;
  // Nobody says which password a node has that is called by its name: the value's place leads further.
  const where = purpose === 'chap' && from !== undefined ? `, from ${escapeControlChars(from)}` : '';
  return `${what} (${names.length === 1 ? 'the secret' : 'the secrets'} ${names.join(', ')}${where})`;
}

type Judged = Omit<ValueRule, 'code' | 'severity' | 'check'> & {
  /** What is wrong with a text, said after its name; nothing where it is right. */
  says(text: SecretText): string | false | undefined;
  readonly help: string | ((text: SecretText) => string);
};

/** Makes a rule that judges each text by itself. */
function ofEach(severity: Severity, code: string, { says, help, ...rule }: Judged): ValueRule {
  return {
    code,
    severity,
    ...rule,
    check(texts, report) {
      for (const text of texts) {
        const { at, node } = text;
        const said = says(text);
        if (!said) continue;
        const message = `${subject(text)} ${said}.`;
        report({ node, message, at, help: typeof help === 'string' ? help : help(text) });
      }
    },
  };
}

/** How many characters are enough. */
const TOKEN_LENGTH = 16;
const PASSWORD_LENGTH = 8;
const CHAP_SHORTEST = 12;
const CHAP_LONGEST = 16;

/** Fewer different characters than this are a pattern, not chance: a random token of hexadecimal digits has about a dozen. */
const DIFFERENT = 5;

/** Says in words why a value can be guessed; undefined where nothing speaks for it. `enough` is how long it should be. */
function whyGuessable(value: string, enough: number): string | undefined {
  if (isKnownToAll(value)) return 'stands in public examples, and is known to everybody';
  if (Array.from(value).length < enough) return `has fewer than ${enough} characters: it can be guessed`;
  if (new Set(value).size < DIFFERENT) return 'repeats very few characters: it can be guessed';
  if (isPattern(value)) return 'is made of well-known words or of rows of characters: it can be guessed';
  return undefined;
}

const CHAP_WORD = { form: /^[A-Za-z0-9._-]+$/, of: 'letters and digits of ASCII, ., _ and -' };

/** What a text of iSCSI is made of as a whole, by what it is for, and how that is said. */
const MADE_OF: Readonly<Partial<Record<SecretPurpose, { readonly form: RegExp; readonly of: string }>>> = {
  chap: CHAP_WORD,
  'foreign-chap': CHAP_WORD,
  'target-name': { form: /^[A-Za-z0-9._:-]+$/, of: 'letters and digits of ASCII, ., _, : and -' },
  'target-suffix': {
    form: /^[a-z0-9.-]{1,40}$/,
    of: 'at most 40 lower-case letters and digits of ASCII, . and -',
  },
};

/** Says why what is the value of a secret as a whole is none yet, and what to do about it. */
function whyUnresolved(value: string): { readonly is: string; readonly help: string } | undefined {
  if (/^\s*\$\{secrets?:[^}]*\}\s*$/i.test(value))
    return {
      is: 'refers to a secret itself',
      help: 'give the secret its value: what a value refers to is not looked up',
    };
  if (/^\s*@@secret:[^@]*@@\s*$/.test(value))
    return {
      is: 'is the mark of a secret',
      help: 'give the secret its value: a mark in the place of a value is not filled in',
    };
  const encryption = encryptionOf(value);
  return (
    encryption && {
      is: `is still encrypted by ${encryption.program}`,
      help: `decrypt it first: ${encryption.command} | harvgen … --secrets -`,
    }
  );
}

function reused(text: SecretText, other: SecretText): ValueFinding {
  return {
    message: `${subject(text)} has the same value as the token of the cluster ${other.cluster}.`,
    at: text.at,
    related: [{ message: 'that token is set at', at: other.at }],
    help: `give ${text.names.join(' or ')} a value of its own`,
  };
}

/** Every rule over the values of secrets. */
export const valueRules: readonly ValueRule[] = [
  error('secret-unresolved', {
    essential: true,
    what: 'The value of a secret is the secret: not a reference, not a mark, not what is still encrypted.',
    why: 'The machine would take what stands there for the token or password, and everybody who reads the encrypted file could do so, too.',
    check(texts, report) {
      for (const { names, filled, written, at, node } of texts) {
        // A secret may well hold what looks like these; a whole one that does is one that somebody forgot to look up.
        const found = written === `\${secret:${names[0]}}` ? whyUnresolved(filled) : undefined;
        if (!found) continue;
        const message = `The value of the secret ${names[0]} ${found.is}: the machine would take it as it stands.`;
        report({ node, message, at, help: found.help });
      }
    },
  }),
  ofEach('error', 'secret-blank-ends', {
    essential: true,
    what: 'No token or password begins or ends with a blank or a line break.',
    why: 'It comes from a `|` block in the file of secrets, or from `echo`: the installer refuses such a token, and nobody types such a password.',
    says({ purpose, filled }) {
      if (purpose === 'other' || filled.trim() === '' || filled.trim() === filled) return undefined;
      const edge = filled.slice(filled.trimEnd().length);
      return `${edge === '' ? 'begins' : 'ends'} with a ${/[\r\n]/.test(edge) ? 'line break' : 'blank'}`;
    },
    help: 'take it away: |- instead of | in the file of secrets, printf instead of echo',
  }),
  warning('secret-line-end', {
    what: 'No secret of one line ends with a line break, where it is a whole text or stands within JSON.',
    why: 'It comes from a `|` block in the file of secrets, or from `echo`, and is part of the secret: a key or password with it is another one.',
    check(texts, report) {
      for (const text of texts) {
        const { purpose, written, names, values, at, node } = text;
        // Of tokens and passwords secret-blank-ends says so.
        if (purpose !== 'other' || !(/^\$\{secret:[^}]*\}$/.test(written) || isJson(written))) continue;
        const ending = names.filter((name) => /^[^\r\n]+\r?\n$/.test(values.get(name) ?? ''));
        if (ending.length === 0) continue;
        report({
          node,
          message: `${subject({ ...text, names: ending })} ends with a line break.`,
          at,
          help: 'take it away: |- instead of | in the file of secrets, printf instead of echo',
        });
      }
    },
  }),
  ofEach('warning', 'secret-breaks-lines', {
    what: 'A value with a line break stands at the beginning of a line, or where it is quoted: in JSON, in a file of YAML.',
    why: 'In other text its further lines stand at the beginning of the line, whatever stands before the reference: an assignment ends with the first, indented text is indented no more.',
    says: ({ breaksLine }) =>
      breaksLine &&
      'brings a line break into the midst of a line: what follows stands at the beginning of the next',
    help: 'let the reference begin its line, or take the line break out of the value: |- in the file of secrets leaves out the last',
  }),
  ofEach('error', 'token-not-ascii', {
    essential: true,
    what: 'The value of a token is one or more printable ASCII characters.',
    why: "Harvester's installer takes no other, and stops on the console: Invalid token.",
    says({ purpose, filled }) {
      // What stands at its ends is said by secret-blank-ends.
      const text = filled.trim();
      if (purpose !== 'token' || /^[ -~]+$/.test(text)) return undefined;
      return `${text === '' ? 'is empty' : 'holds something that is not printable ASCII'}: the installer refuses it`;
    },
    help: 'make another one: openssl rand -hex 32',
  }),
  ofEach('warning', 'weak-token', {
    what: `The value of a token has ${TOKEN_LENGTH} characters or more, not always the same ones, and stands in no example.`,
    why: 'Whoever guesses the token can join a node to the cluster, and read all that it holds.',
    says: ({ purpose, filled }) =>
      purpose === 'token' && filled.trim() !== '' && whyGuessable(filled.trim(), TOKEN_LENGTH),
    help: 'make another one: openssl rand -hex 32',
  }),
  ofEach('warning', 'weak-password', {
    what: `The value of os.password has ${PASSWORD_LENGTH} characters or more, not always the same ones, and stands in no example; or it is a crypt hash.`,
    why: 'It is the password of the user rancher, who may become root, and it is asked for on the network: SSH takes it.',
    says: ({ purpose, filled }) =>
      purpose === 'password' && !isCryptHash(filled) && whyGuessable(filled.trim(), PASSWORD_LENGTH),
    help: 'choose a longer one that nobody knows',
  }),
  ofEach('error', 'secret-password-hash', {
    what: 'A crypt hash as the value of os.password is whole: as long as its scheme makes it.',
    why: 'As password-hash says of one in the inventory: nobody could log in with a password.',
    // What stands at its ends is said by secret-blank-ends.
    says: ({ purpose, filled }) =>
      purpose === 'password' &&
      isBrokenHash(filled.trim()) &&
      'begins as a crypt hash, and is no whole one: nobody could log in with a password',
    help: HASH_HELP,
  }),
  ofEach('warning', 'weak-password-hash', {
    what: 'A crypt hash as the value of os.password is of SHA-512, not of MD5.',
    why: 'Whoever has the hash can try passwords against it, and against MD5 thousands of millions in a second.',
    says: ({ purpose, filled }) =>
      purpose === 'password' && isMd5Hash(filled) && 'is a hash of MD5, which is broken by trying',
    help: 'make another one: openssl passwd -6',
  }),
  warning('secret-reused', {
    what: 'No two clusters have tokens of the same value, and no token is a password as well.',
    why: 'With one token for two clusters a wrong server_url goes unnoticed, and who learns one secret has both.',
    check(texts, report) {
      const tokens = new Map<string, SecretText>();
      for (const text of texts) {
        if (text.purpose !== 'token') continue;
        const other = tokens.get(text.filled);
        if (!other) tokens.set(text.filled, text);
        // The same reference twice shows without values: token-shared.
        else if (other.written !== text.written) report(reused(text, other));
      }
      for (const text of texts) {
        const token = text.purpose === 'password' ? tokens.get(text.filled) : undefined;
        if (token && locationKey(token.at) !== locationKey(text.at))
          report({ ...reused(text, token), node: text.node });
      }
    },
  }),
  ofEach('warning', 'template-in-secret', {
    what: 'No value of a secret brings `{{` into a configuration.',
    why: 'The installed system reads its configuration through a template engine: what follows `{{` is replaced by what it evaluates to (harvester/harvester#10367). A secret cannot be written otherwise and stay the same.',
    says({ path, written, filled }) {
      // Webhooks are the installer's, and management controllers read no configuration.
      if (path.startsWith('install.webhooks') || path === 'bmc.password') return undefined;
      if (opensTemplate(written) || !opensTemplate(filled)) return undefined;
      return 'brings {{ with it: the installed system takes it for a template, and replaces what follows';
    },
    help: 'choose a value without {{',
  }),
  ofEach('error', 'iscsi-characters', {
    essential: true,
    what: "A password of CHAP is made of letters, digits, `.`, `_` and `-`, and the end of targets' names of 40 lower-case letters, digits, `.` and `-` at most.",
    why: 'It stands in a script of iPXE and in the configuration of the iSCSI server, which know no quotes; names of targets know neither upper case nor `_` (RFC 3722).',
    says({ purpose, filled }) {
      const made = MADE_OF[purpose];
      return made && !made.form.test(filled) && `is not made of ${made.of} alone`;
    },
    help: ({ purpose }) => `make another one: openssl rand -hex ${purpose === 'target-suffix' ? 16 : 8}`,
  }),
  ofEach('error', 'chap-length', {
    what: `A password of CHAP at the site's own iSCSI server has ${CHAP_SHORTEST} to ${CHAP_LONGEST} characters.`,
    why: 'A shorter one can be guessed from what is heard on the wire (RFC 7143, 9.2.1), and there are initiators that refuse any other.',
    says: ({ purpose, filled: { length } }) =>
      purpose === 'chap' &&
      (length < CHAP_SHORTEST || length > CHAP_LONGEST) &&
      `has fewer than ${CHAP_SHORTEST} characters, or more than ${CHAP_LONGEST}`,
    help: 'make another one: openssl rand -hex 8',
  }),
  error('chap-both-ways', {
    essential: true,
    what: 'A node and its target prove who they are by different passwords.',
    why: 'The standard forbids the same one both ways (RFC 7143): whoever is asked could ask the same of the other, and hand that answer back.',
    check(texts, report) {
      const ofNodes = new Map<string, SecretText>();
      for (const text of texts) {
        const { purpose, path, filled, at, node } = text;
        if ((purpose !== 'chap' && purpose !== 'foreign-chap') || !node) continue;
        if (path === 'boot.chap.password') ofNodes.set(node.name, text);
        const other = path === 'boot.chap.target_password' ? ofNodes.get(node.name) : undefined;
        if (other?.filled !== filled) continue;
        report({
          node,
          message: `${subject(text)} is the same password as that of the node, ${other.path} (${other.names.join(', ')}).`,
          at,
          related: [{ message: "the node's is said at", at: other.at }],
          help: 'give the target another one: openssl rand -hex 8',
        });
      }
    },
  }),
];

/**
 * Checks the values of a site's secrets, as far as they are given, against every rule over values, but for what the
 * inventory silences. What it reports holds no part of a value, and where that stands, if it is told.
 */
export function checkValues(
  site: Site,
  values: SecretValues,
  report: Report,
  placeOfValue?: (name: string) => string | undefined,
): void {
  const texts = secretTexts(site, values, placeOfValue);
  // What is no value is said once: no other rule has anything to say of it.
  const unresolved = new Set<string>();
  for (const rule of valueRules) {
    const judged = texts.filter(({ at }) => !unresolved.has(locationKey(at)));
    rule.check(judged, ({ node, ...finding }) => {
      const { code, severity, essential } = rule;
      if (!essential && (site.silence[code] ?? node?.silence[code]) !== undefined) return;
      if (essential) unresolved.add(locationKey(finding.at));
      report.add({ code, severity, ...finding });
    });
  }
}
