import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { cloudInitLeaves } from '../site/cloud-init.ts';
import type { Chap, CloudInit, Group, Node, Site } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { locationOf } from '../source/origin.ts';
import {
  insertPlaceholders,
  type Placeholder,
  placeholderOf,
  placeholdersIn,
  secretNames,
} from '../source/placeholders.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import { isYamlTemplate, yamlWithPlaceholders } from '../source/yaml-placeholders.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { orUndefined } from '../values/or-undefined.ts';

/** A location in the inventory that refers to a secret. */
export interface SecretUse {
  /** The key: `token` for a cluster; for a node, the path in the inventory, such as `config.os.password`. */
  readonly path: string;
  readonly at: SourceLocation;
  /** Whether the output needs the value: a declared secret such as a BMC's password is in no node's configuration. */
  readonly isNeeded: boolean;
  /** The nodes that use the secret, in the order of the inventory. */
  readonly nodes: readonly string[];
}

/** A secret that a site refers to. */
export interface UsedSecret {
  readonly name: string;
  /** Whether the output needs the value of the secret. */
  readonly isNeeded: boolean;
  /** The locations that refer to the secret, sorted. */
  readonly uses: readonly SecretUse[];
}

type Gathered = Pick<SecretUse, 'path' | 'at'> & { isNeeded: boolean; readonly nodes: string[] };

/** Returns the secrets that a site refers to, sorted by name, each with the locations that refer to it. */
export function usesOf(site: Site): UsedSecret[] {
  const secrets = new Map<string, Map<string, Gathered>>();
  const adding =
    (isNeeded: boolean, node?: string): Found =>
    (text, path, at) => {
      for (const name of secretNames(text)) {
        // Many nodes may share a location.
        const locations = secrets.get(name) ?? new Map<string, Gathered>();
        secrets.set(name, locations);
        const known = locations.get(locationKey(at)) ?? { path, at, isNeeded, nodes: [] };
        locations.set(locationKey(at), known);
        known.isNeeded ||= isNeeded;
        // The nodes are visited one after the other.
        if (node !== undefined && known.nodes.at(-1) !== node) known.nodes.push(node);
      }
    };
  for (const cluster of site.clusters)
    if (cluster.token) adding(false)(cluster.token, 'token', locationOf(cluster, 'token'));
  for (const { kind, name, body } of site.manifests) each(body, `${kind}/${name}`, adding(true));
  for (const group of site.groups) eachOfCloudInit(group, ['groups', group.name], adding(false));
  for (const node of site.nodes) {
    const [declares, needs] = [adding(false, node.name), adding(true, node.name)];
    each(node.facts, '', declares);
    if (node.os === 'harvester') each(node.config, 'config', needs);
    else each(node.userConfig, 'config', declares);
    for (const { key, text, at } of iscsiSecrets(node, site.server)) needs(text, key, at);
    if (node.cloudInit) eachOfCloudInit(node.cloudInit, [], needs);
  }
  return [...secrets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, locations]) => {
      const uses = [...locations.values()].sort(byLocation);
      return { name, isNeeded: uses.some(({ isNeeded }) => isNeeded), uses };
    });
}

/** Called with a text that refers to a secret, its path and its source location. */
type Found = (text: string, path: string, at: SourceLocation) => void;

function each(container: object, path: string, found: Found): void {
  const holder = container as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(holder)) {
    const value = holder[key];
    const inner = Array.isArray(container) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    if (typeof value === 'object' && value !== null) each(value, inner, found);
    else if (String(value).includes('${secret:')) found(String(value), inner, locationOf(holder, key));
  }
}

/** Calls `found` for each cloud-init text that refers to a secret. Texts of a group use the group's path. */
function eachOfCloudInit(data: CloudInit | Group, path: Path, found: Found): void {
  for (const { value, at, path: inner } of cloudInitLeaves(data)) {
    if (typeof value === 'string' && value.includes('${secret:'))
      found(value, pathText([...path, ...inner]), at);
  }
}

/** Compares by code unit, independent of the locale. */
function byLocation({ at: a }: SecretUse, { at: b }: SecretUse): number {
  return a.source.file === b.source.file ? a.start - b.start : a.source.file < b.source.file ? -1 : 1;
}

/** The purpose of an iSCSI text: a password for the site's own server or for another, the name of a target, or its suffix. */
export type IscsiPurpose = 'chap' | 'foreign-chap' | 'target-name' | 'target-suffix';

/** An iSCSI text of a node that may refer to a secret, with its inventory key and source location. */
interface IscsiText {
  readonly key: string;
  readonly purpose: IscsiPurpose;
  readonly text: string;
  readonly at: SourceLocation;
}

/** Returns the secret texts of a node's iSCSI: passwords, and the target name, of which the site's server sets the suffix. */
export function iscsiSecrets(
  { iscsi }: Pick<Draft<Node>, 'iscsi'>,
  server: Draft<Server> | undefined,
): IscsiText[] {
  if (!iscsi) return [];
  const { chap, disk } = iscsi;
  const isOwn = disk !== undefined;
  const ofChap = isOwn ? 'chap' : 'foreign-chap';
  return [
    ...textOf(isOwn ? server?.iscsi : undefined, 'suffix', 'server.iscsi.suffix', 'target-suffix'),
    ...textOf(isOwn ? undefined : iscsi, 'target', 'boot.target', 'target-name'),
    ...textOf(chap, 'password', 'boot.chap.password', ofChap),
    ...textOf(chap, 'targetPassword', 'boot.chap.target_password', ofChap),
  ];
}

function textOf(holder: object | undefined, field: string, key: string, purpose: IscsiPurpose): IscsiText[] {
  const text = (holder as Readonly<Record<string, unknown>> | undefined)?.[field];
  if (!holder || typeof text !== 'string' || !text.includes('${secret:')) return [];
  return [{ key, purpose, text, at: locationOf(holder, field as never) }];
}

/** Whether a node's script contains secrets that only the node may read: those for the login to its disk. */
export function holdsSecrets({ iscsi }: Pick<Node, 'iscsi'>): boolean {
  return iscsi !== undefined && (iscsi.chap !== undefined || iscsi.target.includes('${secret:'));
}

/**
 * Returns the placeholders in the nodes' configurations and cloud-init data, each once, sorted by their text. Cached, because
 * rules and several targets need them.
 */
export const placeholdersOf = onceFor(({ nodes, server }: Site): readonly Placeholder[] => {
  const marks = new Map<string, Placeholder>();
  const seen = new Set<CloudInit>();
  // Most nodes have the same texts.
  const read = new Set<string>();
  const add = (text: string) => {
    if (read.has(text)) return;
    read.add(text);
    for (const { name, format } of placeholdersIn(text))
      marks.set(placeholderOf({ name, format }), { name, format });
  };
  for (const node of nodes) {
    if (node.os === 'harvester') eachPlaceholderText(asWritten(node.config), add);
    if (node.iscsi) for (const { text } of iscsiSecrets(node, server)) add(insertPlaceholders(text));
    // Most nodes share their cloud-init data.
    if (!node.cloudInit || seen.has(node.cloudInit)) continue;
    seen.add(node.cloudInit);
    eachPlaceholderOfCloudInit(node.cloudInit, add);
  }
  return [...marks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
});

/** Returns the names of the secrets in the nodes' configurations and cloud-init data, sorted. */
export function secretsOf(site: Site): string[] {
  return [...new Set(placeholdersOf(site).map(({ name }) => name))].sort();
}

type Holder = Readonly<Record<string, unknown>>;

/**
 * Returns a Harvester configuration as it is written, except for the placeholders, which `withPlaceholders` inserts. Maps as values
 * of system settings become JSON, because the installer accepts only strings there.
 */
export function asWritten(config: HarvesterConfig): object {
  const { system_settings: settings } = config;
  if (!settings) return config;
  const asText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : value);
  const texts = Object.entries(settings).map(([name, value]) => [name, asText(value)]);
  return { ...config, system_settings: Object.fromEntries(texts) };
}

/**
 * Returns a value for cloud-init, Harvester or a cluster with placeholders in its texts, each in the format of its text. `key` and
 * `holder` are the location of the value.
 */
export function marked(value: unknown, mark = withPlaceholders, key?: string, holder?: Holder): unknown {
  if (typeof value === 'string') return mark(value, key, holder);
  if (Array.isArray(value)) return value.map((item) => marked(item, mark));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, marked(item, mark, key, value as Holder)]);
  return Object.fromEntries(entries);
}

/** Calls for each text within a map or list that refers to a secret, with placeholders, as it is written. */
function eachPlaceholderText(value: object, call: (text: string) => void): void {
  const holder = value as Holder;
  for (const key of Object.keys(holder)) {
    const item = holder[key];
    if (typeof item === 'object' && item !== null) eachPlaceholderText(item, call);
    else if (typeof item === 'string' && item.includes('${secret:'))
      call(withPlaceholders(item, key, holder));
  }
}

/**
 * Returns a text of a configuration with placeholders. Their format depends on the content, or on the name of the file that
 * the text is the content of: `key` and `holder` are the location of the text.
 */
export function withPlaceholders(text: string, key?: string, holder?: Holder): string {
  if (!text.includes('${secret:')) return text;
  if (key === 'content' && isYamlFile(holder) && !isJson(text)) return yamlWithPlaceholders(text);
  return insertPlaceholders(text, isJson(text) ? 'json' : 'text');
}

/** Whether an entry of `os.write_files` is a YAML file, by its name. */
export function isYamlFile({ path }: { readonly path?: unknown } = {}): boolean {
  return typeof path === 'string' && /\.ya?ml$/i.test(path);
}

/** Returns a text of user-data or vendor-data with placeholders: a cloud-config template is YAML if it is valid YAML. */
export function partWithPlaceholders(text: string): string {
  return isYamlTemplate(text) ? yamlWithPlaceholders(text) : withPlaceholders(text);
}

function eachPlaceholderOfCloudInit(cloudInit: CloudInit, call: (text: string) => void): void {
  const { userData, vendorData, metaData, networkConfig = {} } = cloudInit;
  for (const part of [...userData, ...vendorData, metaData, networkConfig]) {
    if (typeof part === 'object') eachPlaceholderText(part, call);
    else if (part.includes('${secret:')) call(partWithPlaceholders(part));
  }
}

/** Returns the CHAP logins of a node and its target, with placeholders for passwords, or undefined if there are none. */
export function markChap(chap: Chap | undefined): Chap | undefined {
  return (
    chap && {
      ...chap,
      password: insertPlaceholders(chap.password),
      targetPassword: chap.targetPassword && insertPlaceholders(chap.targetPassword),
    }
  );
}

/** Whether a whole text is a map or list in JSON. */
export function isJson(text: string): boolean {
  return /^\s*[{[]/.test(text) && orUndefined(() => JSON.parse(text)) !== undefined;
}
