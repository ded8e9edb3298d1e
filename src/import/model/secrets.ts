import { clearInConfig } from '../../knowledge/hide.ts';
import { isPublicValue, isUnfilled } from '../../knowledge/known-values.ts';
import { guessSecrets } from '../../source/guess-secrets.ts';
import { locationOf, type Value, type ValueMap, writtenLocationOf } from '../../source/origin.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { isSecretKey } from '../../values/secrets.ts';
import type { Span } from '../../values/spans.ts';
import type { Sourced } from './gathered.ts';
import type { Notes } from './notes.ts';

/** The commands that generate the secrets of every cluster. */
export const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['cluster_token', 'openssl rand -hex 32'],
  ['node_password', 'openssl rand -base64 18'],
]);

/** The migration note on a secret whose value is public. */
export const KNOWN_TO_ALL = 'its value is in public examples and is therefore publicly known';

/** The migration note on a placeholder in place of a secret. */
const IS_UNFILLED = 'it is a placeholder of a template, not a value';

/** The secrets of a site: each value has one name; publicly known values are dropped. */
export class Secrets {
  readonly values = new Map<string, string>();
  readonly at = new Map<string, SourceLocation>();
  /** The commands that generate the secrets without a value. */
  readonly toMake = new Map<string, string>();
  /** The value of each name that is taken: '' for a secret without a value, and for a placeholder the placeholder itself. */
  readonly taken = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /**
   * Returns the reference that replaces a value in the inventory; a second value of the same name gets a number. `of` is the name of
   * the value in notes.
   */
  reference(
    wanted: string,
    { value, at }: Sourced<string>,
    of = wanted === 'cluster_token' ? 'token' : (wanted.split('_').at(-1) ?? wanted),
  ): string {
    const known = this.#names.get(value);
    if (known !== undefined) return `\${secret:${known}}`;
    // The placeholder of a secret in a tree of harvgen.
    const [, placed] = /^@@secret:([a-z0-9_]+)@@$/.exec(value) ?? [];
    const name = secretNameFor(value, placed ?? wanted, this.taken);
    this.#names.set(value, name);
    if (placed !== undefined) {
      const todo = `another secret has this name: set the value of this one as the secret ${name}`;
      if (name !== placed) this.#notes.open(placed, todo, at);
    } else {
      const why = isPublicValue(value) ? KNOWN_TO_ALL : undefined;
      this.keep(name, { value, at }, of, why, COMMANDS.get(wanted));
    }
    return `\${secret:${name}}`;
  }

  /** Keeps the value of a name. One that is a placeholder, or has another reason not to be kept, is to be generated. */
  keep(
    name: string,
    { value, at }: Sourced<string>,
    of = name,
    reason?: string,
    // CHAP takes at most 16 characters everywhere.
    command = `openssl rand -hex ${name.startsWith('chap_') ? 8 : 32}`,
  ): void {
    const why = isUnfilled(value) ? IS_UNFILLED : reason;
    if (why) {
      this.make(name, command, of, `${why}: generate a new secret ${name}`, at);
    } else {
      this.values.set(name, value);
      this.at.set(name, at);
    }
  }

  make(name: string, command: string, of: string, text: string, at?: SourceLocation): void {
    this.taken.set(name, this.taken.get(name) ?? '');
    this.toMake.set(name, command);
    this.#notes.open(of, `${text} with \`${command}\``, at);
  }
}

/** Returns a name for a value, with a number if it is that of another one, and adds it to the values by name. */
export function secretNameFor(value: string, stem: string, taken: Map<string, string>): string {
  let name = stem;
  for (let number = 2; (taken.get(name) ?? value) !== value; number += 1) name = `${stem}_${number}`;
  taken.set(name, value);
  return name;
}

/** Replaces likely secrets with references, and also whole texts that contain one, such as commands. */
export function referToSecrets(config: ValueMap, secrets: Secrets): void {
  const refer = (holder: object, key: string | number, value: string, keys: readonly string[]) => {
    const at = locationOf(holder as ValueMap, key as string);
    at.source.conceal(at);
    (holder as ValueMap)[key] = secrets.reference(nameOf(keys), { value, at });
  };
  for (const { path, holder, key, value } of clearInConfig(config))
    refer(holder, key, value, path.replace(/\[(\d+)\]/g, '.$1').split('.'));
  const inTexts = (value: ValueMap | Value[], path: readonly string[]) => {
    for (const [key, inner] of Object.entries(value)) {
      const keys = [...path, key];
      if (typeof inner === 'object' && inner !== null) inTexts(inner, keys);
      else if (typeof inner === 'string' && !inner.includes('${secret:') && guessSecrets(inner).length > 0)
        refer(value, key, inner, keys);
    }
  };
  inTexts(config, []);
}

/** Returns a name from the last words of a path: os.wifi[0].passphrase becomes wifi_passphrase. */
function nameOf(keys: readonly string[]): string {
  const words = keys.filter((key) => !/^\d+$/.test(key)).slice(-2);
  return secretStem(words.join('_').replace(/([a-z\d])([A-Z])/g, '$1_$2'), 40) || 'other';
}

/** Returns a text in the form of names of secrets, of limited length; may be empty. */
export function secretStem(text: string, longest: number): string {
  const stem = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '');
  return stem.slice(0, longest).replace(/_+$/, '');
}

/** Hides likely secrets from the lines that errors show, even if the file cannot be parsed. */
export function concealLikely(source: Source): void {
  for (const span of guessSecrets(source.text)) source.conceal(span);
}

/** Hides the values of keys that name secrets, at every level of a file. */
export function concealValues(value: Value, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value) && isSecretKey(key) && item !== null)
      for (const at of [locationOf(value, key), writtenLocationOf(value, key)]) at.source.conceal(at);
    concealValues(item, seen);
  }
}

/**
 * Hides a text in the lines that errors show, except the given pieces, which are known not to be secrets and are in the
 * order of the text. The rest of a table or script is unknown.
 */
export function showOnly(source: Source, pieces: readonly Span[]): void {
  let shownTo = 0;
  for (const { start, end } of [...pieces, { start: source.text.length, end: source.text.length }]) {
    // Separators of rows are not secrets.
    const from = shownTo + (/^[\s,;]*/.exec(source.text.slice(shownTo, start))?.[0].length ?? 0);
    if (from < start) source.conceal({ start: from, end: start });
    shownTo = Math.max(shownTo, end);
  }
}
