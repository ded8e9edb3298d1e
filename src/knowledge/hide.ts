import { isEmptyOrBoolean, maskSecrets } from '../source/guess-secrets.ts';
import type { Path } from '../source/leaf.ts';
import { locationOf } from '../source/origin.ts';
import { replaceReferences } from '../source/placeholders.ts';
import type { SourceLocation } from '../source/source.ts';
import { isSecretName } from '../values/identifiers.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { isCryptHash, isPrivateKey, isSecretKey } from '../values/secrets.ts';
import { writtenKeys } from './config-schema.ts';
import { nodeSchema, type Part, partAt } from './schemas.ts';

/** Replacement for a secret in clear text: people share screens and paste output into tickets. */
export const HIDDEN = '***';

/**
 * Returns the value of a leaf for display: keeps references to secrets, and masks secrets with asterisks. Takes the schema that
 * the path begins in, by default that of a node.
 */
export function shown(value: unknown, path: Path, schema = nodeSchema()): unknown {
  let part: Part | undefined = schema;
  for (const [index, step] of path.entries()) {
    const holder: Part | undefined = part;
    part = part && partAt(part, step);
    if (part?.schema['x-secret']) return secret(value);
    // cloud-init's data has keys that harvgen's schema does not define.
    if (path.slice(0, index).includes('cloud_init') && typeof step === 'string' && isSecretKey(step))
      return named(value);
    if (holder && path[index - 1] !== 'labels' && hasSecretName(holder, step)) return named(value);
  }
  return without(value, part);
}

/** Whether the path is a system setting with secrets in the schema: its value may contain one in any form. */
export function isSettingWithSecrets([first, ...path]: Path): boolean {
  if (first !== 'config' || path[0] !== 'system_settings' || path.length < 2) return false;
  const part = [first, ...path].reduce<Part | undefined>(
    (found, step) => found && partAt(found, step),
    nodeSchema(),
  );
  return part !== undefined && (Boolean(part.schema['x-secret']) || containsSecrets(part));
}

/** Whether a user-defined name indicates a secret: in an environment, or in headers. */
function hasSecretName({ schema }: Part, step: Path[number]): boolean {
  return typeof step === 'string' && !Object.hasOwn(schema.properties ?? {}, step) && isSecretKey(step);
}

function secret(value: unknown): unknown {
  return typeof value === 'string' && withoutReferences(value) === '' ? value : HIDDEN;
}

/** Masks a value with a secret's name. Keeps an authentication scheme before a reference, and switches. */
function named(value: unknown): unknown {
  if (typeof value === 'object') return secret(value);
  const text = String(value);
  return isEmptyOrBoolean(text) || /^((Bearer|Basic) )?$/i.test(withoutReferences(text)) ? value : HIDDEN;
}

function withoutReferences(text: string): string {
  return replaceReferences(text, (name) => (isSecretName(name) ? '' : name));
}

function without(value: unknown, part: Part | undefined): unknown {
  if (part?.schema['x-secret']) return secret(value);
  if (typeof value === 'string') return withoutInText(value, part);
  if (Array.isArray(value)) return value.map((item) => without(item, part && partAt(part, 0)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      part && hasSecretName(part, key) ? named(item) : without(item, part && partAt(part, key)),
    ]),
  );
}

/** A text may be the JSON of a map with secrets, which is the format of Harvester's settings. */
function withoutInText(text: string, part: Part | undefined): string {
  if (part && containsSecrets(part)) {
    // A word that the schema allows instead of the map.
    if (part.schema.pattern && new RegExp(part.schema.pattern, 'u').test(text)) return text;
    const map = orUndefined((): unknown => JSON.parse(text));
    if (map === undefined) return text === '' ? text : HIDDEN;
    const plain = JSON.stringify(without(map, part));
    return plain === JSON.stringify(map) ? text : plain;
  }
  const masked = maskSecrets(text, HIDDEN);
  return masked === text && hidesInBase64(text) ? HIDDEN : masked;
}

/** Whether a text is base64 with a probable secret, as in an encoded file. */
function hidesInBase64(text: string): boolean {
  if (text.length < 16 || /[^A-Za-z0-9+/=\r\n]/.test(text)) return false;
  const decoded = Buffer.from(text, 'base64').toString();
  return maskSecrets(decoded) !== decoded;
}

function containsSecrets(part: Part): boolean {
  const { properties = {}, additionalProperties: others, items } = part.schema;
  const inner = [
    ...Object.keys(properties).map((key) => partAt(part, key)),
    ...(typeof others === 'object' ? [partAt(part, '')] : []),
    ...(items ? [partAt(part, 0)] : []),
  ];
  return inner.some((part) => part && (part.schema['x-secret'] || containsSecrets(part)));
}

/** A secret in clear text in a configuration. */
export interface ClearKey {
  readonly path: string;
  readonly holder: object;
  readonly key: string | number;
  readonly at: SourceLocation;
  /** The secret itself: only for comparison, never for display. */
  readonly value: string;
}

/** Credentials in a URL; not a shell variable, a reference, or an SSH user without a password. */
const URL_LOGIN = /\b(?!ssh:|sftp:)[a-z][a-z0-9+.-]{0,20}:\/\/(?![^\s/?#]*\$\{?\w)[^\s/?#"'<>]{1,500}@/i;

/** Values with a secret's name that are not secrets: paths, numbers, public keys, switches, and shell variables. */
const NOT_SECRET =
  /^(?:(?:\/[\w.@-]+){2,}|[\d.]+|ssh-.*|ecdsa-.*|-----BEGIN (?:PUBLIC|CERTIFICATE).*|\$\{?\w.*)$/s;

/** Returns every secret in clear text in a Harvester configuration, except crypt hashes. */
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
            at: locationOf(value, index),
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
    if (clear) yield { path, holder, key, at: locationOf(holder, key), value };
  }
}

/** Settings are often JSON text, as Harvester stores them; invalid JSON is another error. */
function isJsonWithSecret(path: string, value: string): boolean {
  if (!/^\s*\{/.test(value) || !path.startsWith('system_settings.')) return false;
  const text = shown(value, ['config', ...path.split('.')]);
  return text !== value && text !== HIDDEN;
}

/** Whether a value is a secret because of its user-defined name, for example of a variable or a header. */
export function isSecretByName(name: string, value: string): boolean {
  return isSecretKey(name) && !isEmptyOrBoolean(value) && !NOT_SECRET.test(value);
}

/** Whether a text contains a URL with credentials. */
export function hasLogin(text: string): boolean {
  return text.includes('@') && text.includes('://') && URL_LOGIN.test(text);
}

/** Whether a value is a non-empty text without a reference to a secret. */
export function isClear(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('${secret:');
}
