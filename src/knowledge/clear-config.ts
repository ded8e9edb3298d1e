import { isNothing } from '../source/likely.ts';
import { placeOf } from '../source/origin.ts';
import type { Place } from '../source/source.ts';
import { isCryptHash, isPrivateKey, isSecretKey } from '../values/secrets.ts';
import { writtenKeys } from './config-schema.ts';
import { HIDDEN, shown } from './hide.ts';

/** A value of a configuration that is a secret, and stands there as it is. */
export interface ClearKey {
  readonly path: string;
  /** The map or list that holds it. */
  readonly holder: object;
  readonly key: string | number;
  readonly at: Place;
  /** The secret itself: for comparing, and never to be shown. */
  readonly value: string;
}

/** A login in a URL, of whatever form; what a shell or a reference fills in is none, nor is a user of SSH alone. */
const URL_LOGIN = /\b(?!ssh:|sftp:)[a-z][a-z0-9+.-]{0,20}:\/\/(?![^\s/?#]*\$\{?\w)[^\s/?#"'<>]{1,500}@/i;

/** What stands for a secret by its name, and is none: paths, numbers, public keys, switches, and what a shell fills in. */
const NO_SECRET =
  /^(?:(?:\/[\w.@-]+){2,}|[\d.]+|ssh-.*|ecdsa-.*|-----BEGIN (?:PUBLIC|CERTIFICATE).*|\$\{?\w.*)$/s;

/** Returns every secret of a Harvester configuration that is written in clear text, and is no crypt hash. */
export function clearInConfig(config: object): ClearKey[] {
  return [...searched(config)];
}

function* searched(config: object): Iterable<ClearKey> {
  for (const { path, holder, key, value, schema, parent } of writtenKeys(config)) {
    const isNamed = !Object.hasOwn(parent.properties ?? {}, key) && !path.startsWith('os.labels.');
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (isClear(item) && (hasLogin(item) || (isNamed && isSecretByName(key, item))))
          yield {
            path: `${path}[${index}]`,
            holder: value,
            key: index,
            at: placeOf(value, index),
            value: item,
          };
      }
    }
    if (!isClear(value)) continue;
    const clear = schema['x-secret']
      ? path !== 'os.password' || !isCryptHash(value)
      : hasLogin(value) ||
        isPrivateKey(value) ||
        (isNamed && isSecretByName(key, value)) ||
        isJsonWithSecret(path, value);
    if (clear) yield { path, holder, key, at: placeOf(holder, key), value };
  }
}

/** Settings are often written as Harvester keeps them, as JSON; unreadable JSON is another fault. */
function isJsonWithSecret(path: string, value: string): boolean {
  if (!/^\s*\{/.test(value) || !path.startsWith('system_settings.')) return false;
  const text = shown(value, ['config', ...path.split('.')]);
  return text !== value && text !== HIDDEN;
}

/** Says whether a value is a secret by the name that somebody gave it, as a variable or a header. */
export function isSecretByName(name: string, value: string): boolean {
  return isSecretKey(name) && !isNothing(value) && !NO_SECRET.test(value);
}

/** Says whether a text has a URL with a login. */
export function hasLogin(text: string): boolean {
  return text.includes('@') && text.includes('://') && URL_LOGIN.test(text);
}

/** Says whether a value is a text with something in it, and no reference to a secret. */
export function isClear(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('${secret:');
}
