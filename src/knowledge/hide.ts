import type { Path } from '../source/leaf.ts';
import { isNothing, maskLikely } from '../source/likely.ts';
import { replaceReferences } from '../source/marks.ts';
import { locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { isCryptHash, isPrivateKey, isSecretKey } from '../values/secrets.ts';
import { writtenKeys } from './config-schema.ts';
import { nodeSchema, type Part, partAt } from './schemas.ts';

/** What stands for a secret that is written in clear text: explanations are read over shoulders and pasted into tickets. */
export const HIDDEN = '***';

/** Gives the value of a leaf as it may be shown: references to secrets as they are, secrets themselves as asterisks. */
export function shown(value: unknown, path: Path): unknown {
  let part: Part | undefined = nodeSchema();
  for (const [index, step] of path.entries()) {
    const holder: Part | undefined = part;
    part = part && partAt(part, step);
    if (part?.schema['x-secret']) return secret(value);
    // Whatever is in it is of formats that others define.
    if (path[0] === 'cloud_init' && typeof step === 'string' && isSecretKey(step)) return named(value);
    if (holder && path[index - 1] !== 'labels' && namesSecret(holder, step)) return named(value);
  }
  return without(value, part);
}

/** Says whether the value at a path is a setting in which the schema knows secrets: of whatever form, it may hold one. */
export function isSettingWithSecrets([first, ...path]: Path): boolean {
  if (first !== 'config' || path[0] !== 'system_settings' || path.length < 2) return false;
  const part = [first, ...path].reduce<Part | undefined>(
    (found, step) => found && partAt(found, step),
    nodeSchema(),
  );
  return part !== undefined && (Boolean(part.schema['x-secret']) || holdsSecrets(part));
}

/** Says whether what a step leads to is a secret by the name that somebody gave it: in an environment, among headers. */
function namesSecret({ schema }: Part, step: Path[number]): boolean {
  return typeof step === 'string' && !Object.hasOwn(schema.properties ?? {}, step) && isSecretKey(step);
}

function secret(value: unknown): unknown {
  return typeof value === 'string' && withoutReferences(value) === '' ? value : HIDDEN;
}

/** Of what is a secret by its name, how a server is to take it may be said before a reference; a switch is none. */
function named(value: unknown): unknown {
  if (typeof value === 'object') return secret(value);
  const text = String(value);
  return isNothing(text) || /^((Bearer|Basic) )?$/i.test(withoutReferences(text)) ? value : HIDDEN;
}

function withoutReferences(text: string): string {
  return replaceReferences(text, () => '');
}

function without(value: unknown, part: Part | undefined): unknown {
  if (part?.schema['x-secret']) return secret(value);
  if (typeof value === 'string') return withoutInText(value, part);
  if (Array.isArray(value)) return value.map((item) => without(item, part && partAt(part, 0)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      part && namesSecret(part, key) ? named(item) : without(item, part && partAt(part, key)),
    ]),
  );
}

/** A text may be the JSON of a map with secrets: that is how Harvester takes its settings. */
function withoutInText(text: string, part: Part | undefined): string {
  if (part && holdsSecrets(part)) {
    const map = parsed(text);
    if (map === undefined) return text === '' ? text : HIDDEN;
    const plain = JSON.stringify(without(map, part));
    return plain === JSON.stringify(map) ? text : plain;
  }
  return maskLikely(text, HIDDEN);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function holdsSecrets(part: Part): boolean {
  const { properties = {}, additionalProperties: others, items } = part.schema;
  const inner = [
    ...Object.keys(properties).map((key) => partAt(part, key)),
    ...(typeof others === 'object' ? [partAt(part, '')] : []),
    ...(items ? [partAt(part, 0)] : []),
  ];
  return inner.some((one) => one && (one.schema['x-secret'] || holdsSecrets(one)));
}

/** A value of a configuration that is a secret, and stands there as it is. */
export interface ClearKey {
  readonly path: string;
  readonly holder: object;
  readonly key: string | number;
  readonly at: SourceLocation;
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
