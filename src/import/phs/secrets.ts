import { isKnownToAll } from '../../knowledge/tables/known-secrets.ts';
import { clearTexts } from '../../site/clear-text.ts';
import type { Site } from '../../site/model.ts';
import { likelySecrets } from '../../source/likely.ts';
import { type Place, placeOf } from '../../source/origin.ts';
import type { Value, ValueMap } from '../../source/value.ts';
import type { Draft } from '../../values/draft.ts';
import type { Notes } from '../notes.ts';
import type { Text } from './fields.ts';

/** How those that everybody knows are made anew. */
const COMMANDS: Readonly<Record<string, string>> = {
  cluster_token: 'openssl rand -hex 32',
  node_password: 'openssl rand -base64 18',
};

/** The secrets of a site: each value has one name, and those that everybody knows have no value. */
export class Secrets {
  readonly values = new Map<string, string>();
  readonly at = new Map<string, Place>();
  /** The commands that make those without a value. */
  readonly toMake = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Gives the reference that stands for a value in the inventory; another value of the same name gets a number. */
  reference(wanted: string, text: Text): string {
    const known = this.#names.get(text.value);
    const name = known ?? this.#free(wanted);
    if (known === undefined) this.#take(name, wanted, text);
    return `\${secret:${name}}`;
  }

  #take(name: string, wanted: string, { value, at }: Text): void {
    this.#names.set(value, name);
    if (!isKnownToAll(value)) {
      this.values.set(name, value);
      this.at.set(name, at);
      return;
    }
    const command = COMMANDS[wanted] ?? 'openssl rand -hex 32';
    this.toMake.set(name, command);
    this.#notes.add(
      'open',
      wanted === 'cluster_token' ? 'token' : (wanted.split('_').at(-1) ?? wanted),
      `its value stands in public examples and is known to everybody: make the secret ${name} anew, by ` +
        `\`${command}\``,
      at,
    );
  }

  #free(wanted: string): string {
    const taken = new Set(this.#names.values());
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted : `${wanted}_${number}`;
      if (!taken.has(name)) return name;
    }
  }
}

/**
 * Puts references in place of what most probably is a secret in a configuration: as rules judge it, and whole texts in which
 * something looks like one, such as files and commands.
 */
export function referToSecrets(config: ValueMap, secrets: Secrets): void {
  const said = { nodes: [{ said: config }] } as unknown as Draft<Site>;
  for (const { path, at, value } of [...clearTexts(said)]) {
    at.source.conceal(at);
    const keys = path.replace(/\[(\d+)\]/g, '.$1').split('.');
    const holder = holderOf(config, path);
    if (!holder) continue;
    holder.map[holder.key] = secrets.reference(nameOf(keys), { value, at });
  }
  referInTexts(config, [], secrets);
}

function referInTexts(value: ValueMap | Value[], path: readonly string[], secrets: Secrets): void {
  for (const [key, inner] of Object.entries(value)) {
    const keys = [...path, key];
    if (typeof inner === 'object' && inner !== null) referInTexts(inner, keys, secrets);
    if (typeof inner !== 'string' || inner.includes('${secret:') || likelySecrets(inner).length === 0)
      continue;
    const at = placeOf(value as ValueMap, key);
    at.source.conceal(at);
    (value as ValueMap)[key] = secrets.reference(nameOf(keys), { value: inner, at });
  }
}

/** Keys may have dots in them: what is longest, and there, is meant. */
function holderOf(config: ValueMap, path: string): { map: Record<string, unknown>; key: string } | undefined {
  const steps = path.replace(/\[(\d+)\]/g, '.$1').split('.');
  const walk = (
    map: Record<string, unknown>,
    at: number,
  ): { map: Record<string, unknown>; key: string } | undefined => {
    for (let end = steps.length; end > at; end -= 1) {
      const key = steps.slice(at, end).join('.');
      if (!Object.hasOwn(map, key)) continue;
      if (end === steps.length) return { map, key };
      const inner = map[key];
      const found =
        typeof inner === 'object' && inner !== null && walk(inner as Record<string, unknown>, end);
      if (found) return found;
    }
    return undefined;
  };
  return walk(config, 0);
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
