import { writtenKeys } from '../knowledge/config-schema.ts';
import { clearInConfig, HIDDEN, hasLogin, isClear, isSecretByName, shown } from '../knowledge/hide.ts';
import { assignedValues } from '../source/guess-secrets.ts';
import { leavesBelow, type Path, pathText, valueAlong } from '../source/leaf.ts';
import { isValueMap, locationOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { hasWireguardKey, isPrivateKey } from '../values/secrets.ts';
import { cloudInitLeaves, fileOf, isClearInCloudInit } from './cloud-init.ts';
import type { CloudInit, Cluster, Group, Manifest, Node, Site } from './model.ts';

/** A secret that is in the inventory in clear text. */
export interface ClearText {
  readonly path: string;
  readonly at: SourceLocation;
  /** The secret itself: only for comparison, never for display. */
  readonly value: string;
  readonly node?: Draft<Node>;
  /** The cluster, if the secret is its token. */
  readonly cluster?: Draft<Cluster>;
}

/** Returns every secret of a site that is in clear text and not a crypt hash: tokens, passwords, private keys. Computed once for a site. */
export const clearTexts = onceFor((site: Draft<Site>): readonly ClearText[] => [...eachClearText(site)]);

function* eachClearText({
  server,
  clusters = [],
  groups = [],
  nodes = [],
  unknownMachines = [],
  manifests = [],
}: Draft<Site>): Iterable<ClearText> {
  for (const key of ['media', 'images'] as const) {
    const url = server?.[key]?.url;
    if (url && hasLogin(url)) yield { path: `server.${key}`, at: locationOf(server, key), value: url };
  }
  for (const boot of unknownMachines) if (boot?.args) yield* argumentsOf(boot.args);
  yield* clearAt('server.iscsi.suffix', server?.iscsi, 'suffix');
  for (const cluster of clusters)
    for (const clear of cluster ? clearAt('token', cluster, 'token') : []) yield { ...clear, cluster };
  const ofManifests = manifests.flatMap((manifest) => (manifest ? [...inManifest(manifest)] : []));
  // Each cluster has the objects of all.
  yield* new Map(ofManifests.map((clear) => [locationKey(clear.at), clear])).values();
  const ofGroups = groups.flatMap((group) =>
    group ? [...inCloudInit(group, ['groups', group.name ?? ''])] : [],
  );
  yield* ofGroups;
  const reported = new Set(ofGroups.map(({ at }) => locationKey(at)));
  for (const node of nodes) {
    if (!node) continue;
    for (const clear of node.cloudInit ? inNodes(node.cloudInit) : [])
      if (!reported.has(locationKey(clear.at))) yield { ...clear, node };
    const config = node.clusterConfig ?? node.userConfig;
    for (const clear of config ? [...inConfig(config), ...inCommands(config)] : []) yield { ...clear, node };
    const args = node.linux?.args ?? node.installerArgs;
    if (args) yield* argumentsOf(args, node);
    if (node.iscsi?.chap) {
      yield* clearAt('boot.chap.password', node.iscsi.chap, 'password', node);
      yield* clearAt('boot.chap.target_password', node.iscsi.chap, 'targetPassword', node);
    }
    if (node.facts?.bmc) yield* clearAt('bmc.password', node.facts.bmc, 'password', node);
  }
}

function clearAt(path: string, holder: object | undefined, key: string, node?: Draft<Node>): ClearText[] {
  const value = (holder as Readonly<Record<string, unknown>> | undefined)?.[key];
  return holder && isClear(value)
    ? [{ path, at: locationOf(holder, key as never), value, ...(node && { node }) }]
    : [];
}

const inConfig = onceFor(clearInConfig);

/** Kernel arguments that contain a secret: all arguments are in a script, and in /proc/cmdline. */
function* argumentsOf(args: readonly (string | undefined)[], node?: Draft<Node>): Iterable<ClearText> {
  for (const [index, arg] of args.entries()) {
    if (!isClear(arg)) continue;
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(arg) ?? [];
    if (!hasLogin(arg) && !isSecretByName(name, value)) continue;
    yield { path: `boot.args ${name}`, at: locationOf(args, index), value: arg, ...(node && { node }) };
  }
}

/** Secrets in a Kubernetes object; not in its metadata, and not in a StorageClass, which names Secrets. */
function* inManifest(object: Draft<Manifest>): Iterable<ClearText> {
  const { kind, name } = object;
  if (kind === 'StorageClass') return;
  for (const { path, value, at } of leavesBelow(object, 'body', [])) {
    if (!at || path[0] === 'metadata' || !isClear(value)) continue;
    if (hasLogin(value) || isPrivateKey(value) || isSecretAt(path, value) || holdsSecret(value))
      yield { path: `${kind}/${name} ${pathText(path)}`, at, value };
  }
}

/** Whether a value is a secret because of the last key of its path. */
function isSecretAt(path: Path, value: string): boolean {
  const key = path.findLast((step) => typeof step === 'string');
  return typeof key === 'string' && isSecretByName(key, value);
}

/** Whether a text is JSON with a secret, which is the format of Harvester's settings. */
function holdsSecret(text: string): boolean {
  const map = /^\s*\{/.test(text) ? orUndefined(() => JSON.parse(text) as unknown) : undefined;
  return (
    isValueMap(map) &&
    [...leavesBelow({ map }, 'map', [])].some(
      ({ path, value }) => isClear(value) && (isPrivateKey(value) || isSecretAt(path, value)),
    )
  );
}

const inNodes = onceFor((cloudInit: Draft<CloudInit>): readonly ClearText[] => [
  ...inCloudInit(cloudInit, []),
]);

function* inCloudInit(data: Draft<CloudInit> | Draft<Group>, prefix: Path): Iterable<ClearText> {
  for (const leaf of cloudInitLeaves(data)) {
    const { value, at, holder, path } = leaf;
    if (typeof value !== 'string') continue;
    const [command, word] = path.slice(-2);
    const before =
      typeof command === 'number' ? [0, Number(word) - 1].map((at) => (holder as unknown[])[at]) : [];
    const words = before.filter((word) => typeof word === 'string');
    const file = word === 'content' ? fileOf(leaf) : '';
    const isSecret =
      hasWireguardKey(value) ||
      hasAssigned([...words, value].join(' '), file) ||
      (isClear(value) && (hasLogin(value) || isClearInCloudInit(leaf, value, isSecretByName)));
    if (isSecret) yield { path: pathText([...prefix, ...path]), at, value };
  }
}

/** Whether commands, or a file of K3s or RKE2, set a password or token; another file only counts if it sets one of K3s or RKE2. */
function hasAssigned(text: string, file = ''): boolean {
  const isRead = file === '' || /\b(k3s|rke2)\b/.test(file);
  return assignedValues(text, isRead && file !== '').some(
    ({ name, value }) => !name || ((isRead || /^(K3S|RKE2)_/.test(name)) && isSecretByName(name, value)),
  );
}

/** Commands and files of Harvester that set a password or token. */
const inCommands = onceFor((config: object): readonly ClearText[] =>
  [...leavesBelow(config, 'os')].flatMap(({ path, value, at }) => {
    const file = path.at(-1) === 'content' ? String(valueAlong(config, [...path.slice(0, -1), 'path'])) : '';
    const isRead = typeof value === 'string' && (file || /(commands|cmd)$/.test(String(path[1])));
    return at && isRead && hasAssigned(value, file) ? { path: pathText(path), at, value } : [];
  }),
);

/**
 * Hides possible clear-text secrets in the source lines of a diagnostic: those above, private keys in place of public ones,
 * settings written as JSON, and URLs with a login.
 */
export function concealClearTexts(site: Draft<Site>): void {
  for (const { at } of clearTexts(site)) at.source.conceal(at);
  for (const config of new Set(site.nodes?.map((node) => node?.clusterConfig ?? node?.userConfig))) {
    const keys = config?.os?.ssh_authorized_keys ?? [];
    for (const [index, key] of keys.entries()) {
      const at = locationOf(keys, index);
      if (key !== undefined && isPrivateKey(key)) at.source.conceal(at);
    }
    for (const { path, holder, key, value } of config ? writtenKeys(config) : []) {
      if (typeof value !== 'string' || !/^(system_settings|install\.webhooks)\b/.test(path)) continue;
      const at = locationOf(holder, key);
      // The path of a webhook or a service URL is often a password.
      if (/^\s*\{|:\/\/[^/\s]*(@|\/.)/.test(value) || hides(path, value)) at.source.conceal(at);
    }
  }
}

/** Returns a function that removes a site's clear-text secrets from other texts. */
export function hidingOf(site: Draft<Site>): (text: string) => string {
  return (text) => clearTexts(site).reduce((result, { value }) => result.replaceAll(value, HIDDEN), text);
}

function hides(path: string, value: string): boolean {
  return !value.includes('${secret:') && shown(value, ['config', ...path.split('.')]) === HIDDEN;
}
