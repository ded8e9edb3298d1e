import { clearInConfig } from '../knowledge/hide.ts';
import { isKnownToAll } from '../knowledge/known-values.ts';
import { likelySecrets } from '../source/likely.ts';
import { locationOf, type Value, type ValueMap, writtenLocationOf } from '../source/origin.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import { isSecretKey } from '../values/secrets.ts';
import type { Sourced } from './joined/gathered.ts';
import type { Notes } from './notes.ts';

/** The commands that make the secrets that every cluster has. */
export const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['cluster_token', 'openssl rand -hex 32'],
  ['node_password', 'openssl rand -base64 18'],
]);

/** What a person must know of a secret that everybody knows. */
export const KNOWN_TO_ALL = 'its value stands in public examples and is known to everybody';

/** The secrets of a site: each value has one name, and those that everybody knows have no value. */
export class Secrets {
  readonly values = new Map<string, string>();
  readonly at = new Map<string, SourceLocation>();
  /** The commands that make those without a value. */
  readonly toMake = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Gives the reference that stands for a value in the inventory; another value of the same name gets a number. */
  reference(wanted: string, { value, at }: Sourced<string>): string {
    const known = this.#names.get(value);
    if (known !== undefined) return `\${secret:${known}}`;
    const taken = new Set(this.#names.values());
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    this.#names.set(value, name);
    if (isKnownToAll(value)) {
      const command = COMMANDS.get(wanted) ?? 'openssl rand -hex 32';
      const of = wanted === 'cluster_token' ? 'token' : (wanted.split('_').at(-1) ?? wanted);
      this.make(name, command, of, `${KNOWN_TO_ALL}: make the secret ${name} anew`, at);
    } else {
      this.values.set(name, value);
      this.at.set(name, at);
    }
    return `\${secret:${name}}`;
  }

  make(name: string, command: string, of: string, text: string, at?: SourceLocation): void {
    this.toMake.set(name, command);
    this.#notes.open(of, `${text}, by \`${command}\``, at);
  }
}

/** Puts references in place of what most probably is a secret, and of whole texts that hold one, such as commands. */
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
      else if (typeof inner === 'string' && !inner.includes('${secret:') && likelySecrets(inner).length > 0)
        refer(value, key, inner, keys);
    }
  };
  inTexts(config, []);
}

/** A name of the last words of a path: os.wifi[0].passphrase is wifi_passphrase. */
function nameOf(keys: readonly string[]): string {
  const words = keys
    .filter((key) => !/^\d+$/.test(key))
    .slice(-2)
    .join('_')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);
  return words || 'other';
}

/** Keeps what most probably is a secret from being shown beside a fault, whether the file can be read or not. */
export function concealLikely(source: Source): void {
  for (const span of likelySecrets(source.text)) source.conceal(span);
}

/** Keeps the values of keys that name secrets from being shown, wherever in a file they stand. */
export function concealValues(value: Value, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value) && isSecretKey(key) && item !== null)
      for (const at of [locationOf(value, key), writtenLocationOf(value, key)]) at.source.conceal(at);
    concealValues(item, seen);
  }
}
