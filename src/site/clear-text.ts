import { writtenKeys } from '../knowledge/harvester/written-keys.ts';
import { HIDDEN, shown } from '../knowledge/hide.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { isNothing } from '../source/likely.ts';
import { type Place, placeKey, placeOf } from '../source/origin.ts';
import { isCryptHash } from '../values/crypt-hash.ts';
import type { Draft } from '../values/draft.ts';
import { isSecretKey } from '../values/secret-key.ts';
import { isPrivateKey } from '../values/ssh-key.ts';
import { isClearInCloudInit } from './clear-cloud-init.ts';
import { cloudInitLeaves } from './cloud-init-leaves.ts';
import type { CloudInit, Group, Node, Site } from './model.ts';

/** A value that is a secret, and stands in the inventory as it is. */
export interface ClearText {
  readonly path: string;
  readonly at: Place;
  /** The secret itself: for comparing, and never to be shown. */
  readonly value: string;
  readonly node?: Draft<Node>;
}

/** A login in a URL, of whatever form; what a shell or a reference fills in is none, nor is a user of SSH alone. */
const URL_LOGIN = /\b(?!ssh:|sftp:)[a-z][a-z0-9+.-]{0,20}:\/\/(?![^\s/?#]*\$\{?\w)[^\s/?#"'<>]{1,500}@/i;

/** What stands for a secret by its name, and is none: paths, numbers, public keys, switches, and what a shell fills in. */
const NO_SECRET =
  /^(?:(?:\/[\w.@-]+){2,}|[\d.]+|ssh-.*|ecdsa-.*|-----BEGIN (?:PUBLIC|CERTIFICATE).*|\$\{?\w.*)$/s;

/** Gives every secret of a site that is written in clear text, and is no crypt hash: tokens, passwords, private keys. */
export function* clearTexts({
  server,
  clusters = [],
  groups = [],
  nodes = [],
}: Draft<Site>): Iterable<ClearText> {
  if (server?.media?.url && hasLogin(server.media.url))
    yield { path: 'server.media', at: placeOf(server, 'media'), value: server.media.url };
  if (server?.iscsi && isClear(server.iscsi.suffix))
    yield { path: 'server.iscsi.suffix', at: placeOf(server.iscsi, 'suffix'), value: server.iscsi.suffix };
  if (server?.images?.url && hasLogin(server.images.url))
    yield { path: 'server.images', at: placeOf(server, 'images'), value: server.images.url };
  for (const cluster of clusters) {
    if (cluster && isClear(cluster.token))
      yield { path: 'token', at: placeOf(cluster, 'token'), value: cluster.token };
  }
  const ofGroups = groups.flatMap((group) =>
    group ? [...inCloudInit(group, ['groups', group.name ?? ''])] : [],
  );
  yield* ofGroups;
  const said = new Set(ofGroups.map(({ at }) => placeKey(at)));
  for (const node of nodes) {
    if (!node) continue;
    for (const clear of node.cloudInit ? inNodes(node.cloudInit) : [])
      if (!said.has(placeKey(clear.at))) yield { ...clear, node };
    for (const clear of node.said ? inConfig(node.said) : []) yield { ...clear, node };
    if (node.linux) yield* argumentsOf(node);
    if (node.iscsi?.chap) yield* passwordsOf(node);
    const { bmc } = node.facts ?? {};
    if (bmc && isClear(bmc.password))
      yield { path: 'bmc.password', at: placeOf(bmc, 'password'), value: bmc.password, node };
  }
}

/** What was found in configurations, which nodes often share. */
const known = new WeakMap<object, readonly ClearText[]>();

function inConfig(config: object): readonly ClearText[] {
  let clear = known.get(config);
  if (!clear) {
    clear = [...searched(config)];
    known.set(config, clear);
  }
  return clear;
}

function* searched(config: object): Iterable<ClearText> {
  for (const { path, holder, key, value, schema, parent } of writtenKeys(config)) {
    const isNamed = !Object.hasOwn(parent.properties ?? {}, key) && !path.startsWith('os.labels.');
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (isClear(item) && (hasLogin(item) || (isNamed && isSecretByName(key, item))))
          yield { path: `${path}[${index}]`, at: placeOf(value, index), value: item };
      }
    }
    if (!isClear(value)) continue;
    const clear = schema['x-secret']
      ? path !== 'os.password' || !isCryptHash(value)
      : hasLogin(value) ||
        isPrivateKey(value) ||
        (isNamed && isSecretByName(key, value)) ||
        isJsonWithSecret(path, value);
    if (clear) yield { path, at: placeOf(holder, key), value };
  }
}

function* passwordsOf(node: Draft<Node>): Iterable<ClearText> {
  for (const key of ['password', 'targetPassword'] as const) {
    const value = node.iscsi?.chap?.[key];
    if (node.iscsi?.chap && isClear(value))
      yield {
        path: key === 'password' ? 'boot.chap.password' : 'boot.chap.target_password',
        at: placeOf(node.iscsi.chap, key),
        value,
        node,
      };
  }
}

/** Arguments of the kernel that hold a secret: all of them stand in a script, and in /proc/cmdline. */
function* argumentsOf(node: Draft<Node>): Iterable<ClearText> {
  const args = node.linux?.args ?? [];
  for (const [index, arg] of args.entries()) {
    if (!isClear(arg)) continue;
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(arg) ?? [];
    if (!hasLogin(arg) && !isSecretByName(name, value)) continue;
    yield { path: `boot.args ${name}`, at: placeOf(args, index), value: arg, node };
  }
}

/** What was found of what cloud-init finds on nodes, which they often share. */
const knownOfCloudInit = new WeakMap<object, readonly ClearText[]>();

function inNodes(cloudInit: Draft<CloudInit>): readonly ClearText[] {
  let clear = knownOfCloudInit.get(cloudInit);
  if (!clear) {
    clear = [...inCloudInit(cloudInit, [])];
    knownOfCloudInit.set(cloudInit, clear);
  }
  return clear;
}

function* inCloudInit(data: Draft<CloudInit> | Draft<Group>, prefix: Path): Iterable<ClearText> {
  for (const leaf of cloudInitLeaves(data)) {
    const { value, at } = leaf;
    if (!isClear(value)) continue;
    if (!hasLogin(value) && !isClearInCloudInit(leaf, value, isSecretByName)) continue;
    yield { path: pathText([...prefix, ...leaf.path]), at, value };
  }
}

/**
 * Keeps what is or may hold a secret in clear text from being shown in the lines beside a fault: those above, private
 * keys where public ones belong, settings written as JSON, and URLs with a login.
 */
export function concealClearTexts(site: Draft<Site>): void {
  for (const { at } of clearTexts(site)) at.source.conceal(at);
  for (const said of new Set(site.nodes?.map((node) => node?.said))) {
    const keys = said?.os?.ssh_authorized_keys ?? [];
    for (const [index, key] of keys.entries()) {
      const at = placeOf(keys, index);
      if (key !== undefined && isPrivateKey(key)) at.source.conceal(at);
    }
    for (const { path, holder, key, value } of said ? writtenKeys(said) : []) {
      if (typeof value !== 'string' || !/^(system_settings|install\.webhooks)\b/.test(path)) continue;
      const at = placeOf(holder, key);
      // The path of what is notified or asked often is a password.
      if (/^\s*\{|:\/\/[^/\s]*(@|\/.)/.test(value) || hides(path, value)) at.source.conceal(at);
    }
  }
}

/** Gives what takes the secrets that a site has in clear text out of other words. */
export function hidingOf(site: Draft<Site>): (text: string) => string {
  return (text) => {
    let result = text;
    for (const { value } of clearTexts(site)) result = result.replaceAll(value, HIDDEN);
    return result;
  };
}

/** A setting that may hold a secret, and cannot be read. */
function hides(path: string, value: string): boolean {
  return !value.includes('${secret:') && shown(value, ['config', ...path.split('.')]) === HIDDEN;
}

/** Settings are often written as Harvester keeps them, as JSON; unreadable JSON is another fault. */
function isJsonWithSecret(path: string, value: string): boolean {
  if (!/^\s*\{/.test(value) || !path.startsWith('system_settings.')) return false;
  const text = shown(value, ['config', ...path.split('.')]);
  return text !== value && text !== HIDDEN;
}

/** Says whether a value is a secret by the name that somebody gave it, as a variable or a header. */
function isSecretByName(name: string, value: string): boolean {
  return isSecretName(name) && !isNothing(value) && !NO_SECRET.test(value);
}

/** What was found of names, which many nodes have alike. */
const names = new Map<string, boolean>();

function isSecretName(name: string): boolean {
  let is = names.get(name);
  if (is === undefined) {
    if (names.size > MOST_NAMES) names.clear();
    is = isSecretKey(name);
    names.set(name, is);
  }
  return is;
}

/** In a process that goes on, names come and go. */
const MOST_NAMES = 1000;

/** Says whether a text has a URL with a login. */
function hasLogin(text: string): boolean {
  return text.includes('@') && text.includes('://') && URL_LOGIN.test(text);
}

function isClear(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('${secret:');
}
