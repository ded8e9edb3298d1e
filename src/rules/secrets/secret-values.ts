import { writtenKeys } from '../../knowledge/config-schema.ts';
import { breaksFiles } from '../../knowledge/config-texts.ts';
import { isPattern, isPublicValue, isUnfilled } from '../../knowledge/known-values.ts';
import { encryptionOf } from '../../secrets/encrypted.ts';
import type { SecretValues } from '../../secrets/source.ts';
import { type IscsiPurpose, iscsiSecrets, isJson, withPlaceholders } from '../../secrets/uses-of.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import type { Report, Severity } from '../../source/diagnostics/report.ts';
import { locationOf } from '../../source/origin.ts';
import { placeholdersIn, replaceReferences, secretNames } from '../../source/placeholders.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { onceFor } from '../../values/once-for.ts';
import { isBrokenHash, isCryptHash, isMd5Hash } from '../../values/secrets.ts';
import { escapeControlChars } from '../../values/text.ts';
import { opensTemplate } from '../cluster/harvester-config.ts';
import { error, type Finding, type Rule, warning } from '../rule.ts';
import { ANOTHER_TOKEN, HASH_HELP, otherToken, sharedToken } from './secrets.ts';

/**
 * One rule over the known values of a site's secrets. It reports at the location that refers to the secret, and never throws.
 * It never reports a part of a value or its length.
 */
export interface ValueRule extends Omit<Rule, 'check'> {
  check(texts: readonly SecretText[], report: (at: SourceLocation, finding: ValueFinding) => void): void;
}

type ValueFinding = Omit<Finding, 'node' | 'dedupe'> & { readonly node?: Node };

/** Returns the name of a text in a message: its owner and its secrets, never its content. */
function subject({ path, cluster, names, purpose, from }: SecretText): string {
  const what = cluster === undefined ? path : `The token of the cluster ${cluster.name}`;
  // By default, no key of the inventory names the CHAP secret of a node, so the message includes the location of the value.
  const source = purpose === 'chap' && from !== undefined ? `, from ${escapeControlChars(from)}` : '';
  return `${what} (${names.length === 1 ? 'the secret' : 'the secrets'} ${names.join(', ')}${source})`;
}

type TextRule = Omit<ValueRule, 'code' | 'severity' | 'check'> & {
  /** Returns the error of a text, as a predicate after its name; false or undefined without an error. */
  errorOf(text: SecretText): string | false | undefined;
  readonly help: string | ((text: SecretText) => string);
};

function perText(severity: Severity, code: string, { errorOf, help, ...rule }: TextRule): ValueRule {
  return {
    code,
    severity,
    ...rule,
    check(texts, report) {
      for (const text of texts) {
        const error = errorOf(text);
        const message = `${subject(text)} ${error}.`;
        if (error)
          report(text.at, { node: text.node, message, help: typeof help === 'string' ? help : help(text) });
      }
    },
  };
}

/** The minimum and maximum numbers of characters. */
const TOKEN_LENGTH = 16;
const PASSWORD_LENGTH = 8;
const CHAP_SHORTEST = 12;
const CHAP_LONGEST = 16;

/** The minimum number of different characters in a random value: a random hexadecimal token has about a dozen. */
const DIFFERENT = 5;

/** Returns why a value can be guessed, in words; undefined without a reason. `enough` is the required length. */
function whyGuessable(value: string, enough: number): string | undefined {
  if (isPublicValue(value)) return 'is in public examples: it is publicly known';
  if (Array.from(value).length < enough) return `has fewer than ${enough} characters: it can be guessed`;
  if (new Set(value).size < DIFFERENT) return 'has very few different characters: it can be guessed';
  if (isPattern(value)) return 'consists of well-known words or character sequences: it can be guessed';
  return undefined;
}

const CHAP_WORD = { form: /^[A-Za-z0-9._-]+$/, of: 'ASCII letters and digits, ., _ and -' };

/** The valid characters of iSCSI texts by purpose, also in words. */
const VALID: Readonly<Partial<Record<SecretPurpose, { readonly form: RegExp; readonly of: string }>>> = {
  chap: CHAP_WORD,
  'foreign-chap': CHAP_WORD,
  'target-name': { form: /^[A-Za-z0-9._:-]+$/, of: 'ASCII letters and digits, ., _, : and -' },
  'target-suffix': {
    form: /^[a-z0-9.-]{1,40}$/,
    of: 'at most 40 lower-case ASCII letters and digits, . and -',
  },
};

/** Returns why the whole value of a secret is unusable, as a predicate, with the help; undefined for a usable value. */
function whyUnresolved(value: string): readonly [predicate: string, help: string] | undefined {
  const unresolved = (kind: string) => `set the value of the secret: ${kind} in values are not`;
  if (/^\s*\$\{secrets?:[^}]*\}\s*$/i.test(value))
    return ['is itself a reference to a secret', `${unresolved('references')} resolved`];
  if (/^\s*@@secret:[^@]*@@\s*$/.test(value))
    return ['is the placeholder of a secret', `${unresolved('placeholders')} substituted`];
  // A BMC may really have a publicly known value, and a password may begin with a dollar sign.
  if (isUnfilled(value) && !isPublicValue(value) && !/^\$\w/.test(value))
    return ['is the placeholder of another program', `${unresolved('placeholders')} filled in`];
  const { program, command } = encryptionOf(value) ?? {};
  if (program === undefined) return undefined;
  return [`is still encrypted with ${program}`, `decrypt it first: ${command} | harvgen … --secrets -`];
}

function reused(text: SecretText, other: SecretText): ValueFinding {
  return {
    message: `${subject(text)} has the same value as the token of the cluster ${other.cluster?.name}: one leaked secret opens both.`,
    related: [{ message: 'that token is set at', at: other.at }],
    help: sharedToken(
      'secret-reused',
      [text.cluster, other.cluster],
      `set another value for ${text.names.join(' or ')}`,
    ),
  };
}

/** Every rule over the values of secrets. */
export const valueRules: readonly ValueRule[] = [
  error('secret-unresolved', {
    essential: true,
    what: 'The value of a secret must not be a reference, a placeholder or encrypted.',
    why: 'The machine uses the text itself as the token or password, and so can anyone who reads the encrypted file.',
  }).check((texts, report) => {
    for (const { names, filled, written, at, node } of texts) {
      // A secret may contain such text, but a whole value in this form was never resolved.
      const [predicate, help] = (written === `\${secret:${names[0]}}` && whyUnresolved(filled)) || [];
      const message = `The value of the secret ${names[0]} ${predicate}: the machine would use it unchanged.`;
      if (help) report(at, { node, message, help });
    }
  }),
  perText('error', 'secret-blank-ends', {
    essential: true,
    what: 'A token or password must not begin or end with a blank or a line break.',
    why: 'It comes from a `|` block in the secrets file, or from `echo`: the installer rejects such a token, and a user cannot type such a password.',
    errorOf({ purpose, filled }) {
      if (purpose === 'other' || filled.trim() === '' || filled.trim() === filled) return undefined;
      const edge = filled.slice(filled.trimEnd().length);
      const effect =
        purpose === 'token' ? 'the installer rejects it' : 'the machine uses it as a part of the secret';
      return `${edge === '' ? 'begins' : 'ends'} with a ${/[\r\n]/.test(edge) ? 'line break' : 'blank'}: ${effect}`;
    },
    help: 'remove it: use |- instead of | in the secrets file, or printf instead of echo',
  }),
  warning('secret-line-end', {
    what: 'A one-line secret must not end with a line break if it is a whole text or within JSON.',
    why: 'It comes from a `|` block in the secrets file, or from `echo`, and is part of the secret: a key or password with it is wrong.',
  }).check((texts, report) => {
    for (const text of texts) {
      const { purpose, written, names, values, at, node } = text;
      // secret-blank-ends reports tokens and passwords.
      if (purpose !== 'other' || !(/^\$\{secret:[^}]*\}$/.test(written) || isJson(written))) continue;
      const ending = names.filter((name) => /^[^\r\n]+\r?\n$/.test(values.get(name) ?? ''));
      if (ending.length === 0) continue;
      report(at, {
        node,
        message: `${subject({ ...text, names: ending })} ends with a line break: a key or password with it is wrong.`,
        help: 'remove it: use |- instead of | in the secrets file, or printf instead of echo',
      });
    }
  }),
  perText('warning', 'secret-breaks-lines', {
    what: 'A value with a line break must begin its line, or be quoted, as in JSON or a YAML file.',
    why: 'In other text, its further lines begin at the left margin, whatever precedes the reference: an assignment ends after the first line, and indentation is lost.',
    errorOf: ({ breaksLine }) =>
      breaksLine && 'inserts a line break within a line: the rest begins at the left margin of the next line',
    help: 'move the reference to the beginning of its line, or remove the line break from the value: |- in the secrets file omits the last one',
  }),
  perText('error', 'secret-begins-blank', {
    what: 'With its secrets, a text of several lines must not begin with a blank or an empty line.',
    why: "Harvester v1.1.3, v1.2.2 and newer write such a text into the installed system's files with a wrong indentation: nothing can parse them.",
    errorOf({ path, written, loaded, node }) {
      const release = node?.cluster?.version;
      // text-begins-blank reports the text without its secrets.
      if (!release || breaksFiles(path, written, release) || !breaksFiles(path, loaded, release))
        return undefined;
      return 'makes the text begin with a blank or an empty line: the installer writes files with it that nothing can parse';
    },
    help: 'remove it; or, for the whole content of a file, set the value in base64 and `encoding: b64`',
  }),
  perText('error', 'token-not-ascii', {
    essential: true,
    what: 'The value of a token must be one or more printable ASCII characters.',
    why: "Harvester's installer accepts no other characters, and stops at the console: Invalid token.",
    errorOf({ purpose, filled }) {
      // secret-blank-ends reports blanks at its ends.
      const text = filled.trim();
      if (purpose !== 'token' || /^[ -~]+$/.test(text)) return undefined;
      return `${text === '' ? 'is empty' : 'contains characters that are not printable ASCII'}: the installer rejects it`;
    },
    help: ({ cluster }) => otherToken(cluster),
  }),
  perText('warning', 'weak-token', {
    what: `The value of a token must have at least ${TOKEN_LENGTH} varied characters, and not be in public examples. A running cluster keeps the token that it has.`,
    why: 'Anyone who guesses the token can join a node to the cluster and read all its data.',
    errorOf: ({ purpose, filled, cluster }) =>
      purpose === 'token' &&
      !cluster?.exists &&
      filled.trim() !== '' &&
      whyGuessable(filled.trim(), TOKEN_LENGTH),
    help: ANOTHER_TOKEN,
  }),
  perText('warning', 'weak-password', {
    what: `The value of os.password must be a crypt hash, or at least ${PASSWORD_LENGTH} varied characters, and not be in public examples.`,
    why: 'It is the password of the user rancher, who may become root, and SSH accepts it over the network.',
    errorOf: ({ purpose, filled }) =>
      purpose === 'password' && !isCryptHash(filled) && whyGuessable(filled.trim(), PASSWORD_LENGTH),
    help: 'choose a longer one that is not publicly known',
  }),
  perText('error', 'secret-password-hash', {
    what: 'A crypt hash as the value of os.password must be complete: as long as its scheme requires.',
    why: 'No password matches an incomplete hash, or the machine uses it as the password itself: no user can log in with a password.',
    // secret-blank-ends reports blanks at its ends.
    errorOf: ({ purpose, filled }) =>
      purpose === 'password' &&
      isBrokenHash(filled.trim()) &&
      'begins like a crypt hash but is incomplete: no user can log in with a password',
    help: HASH_HELP,
  }),
  perText('warning', 'weak-password-hash', {
    what: 'A crypt hash as the value of os.password must use SHA-512, not MD5.',
    why: 'Anyone with the hash can try passwords against it: with MD5, billions per second.',
    errorOf: ({ purpose, filled }) =>
      purpose === 'password' && isMd5Hash(filled) && 'is an MD5 hash: brute force breaks it',
    help: 'generate another one: openssl passwd -6',
  }),
  warning('secret-reused', {
    what: 'Clusters must not share the value of a token, and a token must not also be a password.',
    why: 'With a shared token, a node with a wrong server_url joins the other cluster unnoticed, and one leaked secret opens both.',
  }).check((texts, report) => {
    const tokens = new Map<string, SecretText>();
    for (const text of texts) {
      if (text.purpose !== 'token') continue;
      const other = tokens.get(text.filled);
      if (!other) tokens.set(text.filled, text);
      // token-shared reports a repeated reference, without values.
      else if (other.written !== text.written) report(text.at, reused(text, other));
    }
    for (const text of texts) {
      const token = text.purpose === 'password' ? tokens.get(text.filled) : undefined;
      if (token && locationKey(token.at) !== locationKey(text.at))
        report(text.at, { ...reused(text, token), node: text.node });
    }
  }),
  perText('warning', 'template-in-secret', {
    what: 'The value of a secret must not insert `{{` into a configuration.',
    why: 'The installed system renders its configuration with a template engine: text after `{{` is replaced by its evaluation (harvester/harvester#10367). A secret cannot be escaped.',
    errorOf({ path, written, filled }) {
      // The installer renders webhooks, and BMCs read no configuration.
      if (path.startsWith('install.webhooks') || path === 'bmc.password') return undefined;
      if (opensTemplate(written) || !opensTemplate(filled)) return undefined;
      return 'inserts {{: the installed system treats it as a template and replaces the text after it';
    },
    help: 'choose a value without {{',
  }),
  perText('error', 'iscsi-characters', {
    essential: true,
    what: 'CHAP passwords must consist of letters, digits, `.`, `_`, `-`; target suffixes of 40 lower-case letters, digits, `.`, `-` at most.',
    why: 'The value is in an iPXE script and in the configuration of the iSCSI server, which have no quotes. Target names have neither upper case nor `_` (RFC 3722).',
    errorOf({ purpose, filled }) {
      const valid = VALID[purpose];
      return valid && !valid.form.test(filled) && `does not consist only of ${valid.of}`;
    },
    help: ({ purpose }) => `generate another one: openssl rand -hex ${purpose === 'target-suffix' ? 16 : 8}`,
  }),
  perText('error', 'chap-length', {
    what: `A CHAP password at the site's own iSCSI server must have ${CHAP_SHORTEST} to ${CHAP_LONGEST} characters.`,
    why: 'A shorter one can be guessed from recorded traffic (RFC 7143, 9.2.1), and some initiators reject other lengths.',
    errorOf: ({ purpose, filled: { length } }) =>
      purpose === 'chap' &&
      (length < CHAP_SHORTEST || length > CHAP_LONGEST) &&
      `has fewer than ${CHAP_SHORTEST} characters, or more than ${CHAP_LONGEST}`,
    help: 'generate another one: openssl rand -hex 8',
  }),
  error('chap-both-ways', {
    essential: true,
    what: 'A node and its target must authenticate with different passwords.',
    why: 'RFC 7143 forbids the same password both ways: a peer that is asked for the password can ask the other peer for it, and return the answer.',
  }).check((texts, report) => {
    const ofNodes = new Map<string, SecretText>();
    for (const text of texts) {
      const { purpose, path, filled, at, node } = text;
      if ((purpose !== 'chap' && purpose !== 'foreign-chap') || !node) continue;
      if (path === 'boot.chap.password') ofNodes.set(node.name, text);
      const other = path === 'boot.chap.target_password' ? ofNodes.get(node.name) : undefined;
      if (other?.filled !== filled) continue;
      report(at, {
        node,
        message: `${subject(text)} is also the password of the node, ${other.path} (${other.names.join(', ')}): initiators and targets reject the login.`,
        related: [{ message: 'the password of the node is set at', at: other.at }],
        help: 'set another one for the target: openssl rand -hex 8',
      });
    }
  }),
];

/**
 * Checks the known values of a site's secrets against every value rule, except those that the inventory silences. Findings
 * contain no part of a value, but its location if `locationOfValue` returns one.
 */
export function checkValues(
  site: Site,
  values: SecretValues,
  report: Report,
  locationOfValue?: (name: string) => string | undefined,
): void {
  const texts = secretTexts(site, values, locationOfValue);
  // Text with an essential error is not a usable value: no other rule reports it.
  const unresolved = new Set<string>();
  for (const rule of valueRules) {
    const checked = texts.filter(({ at }) => !unresolved.has(locationKey(at)));
    rule.check(checked, (at, { node, ...finding }) => {
      const { code, severity, essential } = rule;
      if (!essential && (site.silence[code] ?? node?.silence[code]) !== undefined) return;
      if (essential) unresolved.add(locationKey(at));
      report.add({ code, severity, ...finding, at });
    });
  }
}

/** The purpose of a text that contains a secret. */
export type SecretPurpose = 'token' | 'password' | IscsiPurpose | 'other';

/** A text of the inventory that refers to secrets, with their values substituted. Do not show it. */
export interface SecretText {
  /** The path of the key, such as token, os.password or install.webhooks[0].url. */
  readonly path: string;
  readonly purpose: SecretPurpose;
  /** The names of the secrets in the text, each once. */
  readonly names: readonly string[];
  /** The text in the inventory, with references. */
  readonly written: string;
  /** The values of these secrets, and possibly of others. */
  readonly values: SecretValues;
  /** The text as the machine reads it. */
  readonly filled: string;
  /** Whether a value with a line break is within a line, unquoted. */
  readonly breaksLine: boolean;
  /** The text that the installer loads, except for quoted values, which begin no text; empty if it loads none. */
  readonly loaded: string;
  readonly at: SourceLocation;
  /** The cluster, if the text is its token. */
  readonly cluster?: Cluster;
  /** The node that the text is set for. */
  readonly node?: Node;
  /** The source of the secret's value, if the text has only one secret: `file:line:column`, or a variable. */
  readonly from?: string | undefined;
}

type Found = Omit<SecretText, 'purpose' | 'names' | 'values' | 'filled' | 'breaksLine' | 'loaded'> & {
  readonly purpose?: IscsiPurpose;
  /** The text as in the configuration, with placeholders; undefined if no configuration contains it. */
  readonly marked?: string;
};

/** Returns the texts of a site that refer to secrets, in its order. Omits those with an unknown value. */
export function secretTexts(
  site: Site,
  values: SecretValues,
  locationOfValue?: (name: string) => string | undefined,
): SecretText[] {
  return [...found(site)].flatMap(({ marked = '', purpose: ofIscsi, ...text }) => {
    const names = [...new Set(secretNames(text.written))];
    if (!names.every((name) => values.has(name))) return [];
    const purpose: SecretPurpose =
      ofIscsi ?? (text.path === 'token' ? 'token' : text.path === 'os.password' ? 'password' : 'other');
    const [name = '', another] = names;
    return {
      ...text,
      purpose,
      names,
      values,
      filled: fillReferences(text.written, values),
      breaksLine: breaksLineIn(marked, values),
      loaded: loadedText(marked, values),
      from: another === undefined ? locationOfValue?.(name) : undefined,
    };
  });
}

/** Whether a value breaks a line. JSON and YAML quote it; a value at the beginning of a line has no text before it to break. */
function breaksLineIn(marked: string, values: SecretValues): boolean {
  const isWithinLine = (start: number) => start > 0 && marked.charAt(start - 1) !== '\n';
  return placeholdersIn(marked).some(
    ({ name, format, start }) =>
      format === 'text' && isWithinLine(start) && /[\r\n]/.test(values.get(name) ?? ''),
  );
}

function loadedText(marked: string, values: SecretValues): string {
  return placeholdersIn(marked).reduceRight(
    (text, { name, format, start, end }) =>
      format === 'text' ? text.slice(0, start) + values.get(name) + text.slice(end) : text,
    marked,
  );
}

/** Returns a text with the values of its secrets, which must all be known. */
export function fillReferences(text: string, values?: SecretValues): string {
  return replaceReferences(text, (name) => values?.get(name) ?? '');
}

function* found(site: Site): Iterable<Found> {
  for (const cluster of site.clusters) {
    const { token } = cluster;
    if (isReference(token))
      yield { path: 'token', written: token, at: locationOf(cluster, 'token'), cluster };
  }
  for (const node of site.nodes) {
    for (const text of textsOf(node.userConfig)) yield { ...text, node };
    const { bmc } = node.facts;
    if (bmc && isReference(bmc.password))
      yield { path: 'bmc.password', written: bmc.password, at: locationOf(bmc, 'password'), node };
    for (const { key: path, purpose, text: written, at } of iscsiSecrets(node, site.server)) {
      const found = { path, purpose, written, at };
      // All nodes share the suffix of target names.
      yield purpose === 'target-suffix' ? found : { ...found, node };
    }
  }
}

/** Returns the texts of a configuration, which nodes often share. */
const textsOf = onceFor((config: object): Found[] =>
  writtenKeys(config).flatMap(({ path, key, holder, value }) => {
    if (isReference(value))
      return {
        path,
        written: value,
        marked: withPlaceholders(value, key, holder),
        at: locationOf(holder, key),
      };
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) => {
      const at = locationOf(items, index);
      return isReference(item)
        ? { path: `${path}[${index}]`, written: item, marked: withPlaceholders(item), at }
        : [];
    });
  }),
);

function isReference(value: unknown): value is string {
  return typeof value === 'string' && value.includes('${secret:');
}
