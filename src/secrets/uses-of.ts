import { cloudInitLeaves } from '../site/cloud-init.ts';
import type { CloudInit, Group, Node, Site } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { secretNames } from '../source/marks.ts';
import { placeOf } from '../source/origin.ts';
import { type Place, placeKey } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';

/** A place of the inventory that refers to a secret. */
export interface SecretUse {
  /** The key there: `token` of a cluster, and keys of a node as one would write them, `config.os.password`. */
  readonly path: string;
  readonly at: Place;
  /** Whether the output needs the value: what is only declared, as a BMC's password, is in no node's configuration. */
  readonly isNeeded: boolean;
  /** The nodes that it reaches, in the order of the inventory. */
  readonly nodes: readonly string[];
}

/** A secret that a site refers to. */
export interface UsedSecret {
  readonly name: string;
  /** Whether the output needs its value. */
  readonly isNeeded: boolean;
  /** Sorted by place. */
  readonly uses: readonly SecretUse[];
}

/** What has been found of one place. */
interface Gathered {
  readonly path: string;
  readonly at: Place;
  isNeeded: boolean;
  readonly nodes: string[];
}

/** Gives the secrets that a site refers to, sorted by name, each with the places of the inventory that do. */
export function usesOf(site: Site): UsedSecret[] {
  const secrets = new Map<string, Map<string, Gathered>>();
  const adding =
    (isNeeded: boolean, node?: string): Found =>
    (text, path, at) => {
      for (const name of secretNames(text)) {
        // Many nodes may share a place.
        const places = secrets.get(name) ?? new Map<string, Gathered>();
        secrets.set(name, places);
        const known = places.get(placeKey(at)) ?? { path, at, isNeeded, nodes: [] };
        places.set(placeKey(at), known);
        known.isNeeded ||= isNeeded;
        // Each node comes once, with all that it has.
        if (node !== undefined && known.nodes.at(-1) !== node) known.nodes.push(node);
      }
    };
  for (const cluster of site.clusters)
    if (cluster.token) adding(false)(cluster.token, 'token', placeOf(cluster, 'token'));
  for (const group of site.groups) eachOfCloudInit(group, ['groups', group.name], adding(false));
  for (const node of site.nodes) {
    const [declares, needs] = [adding(false, node.name), adding(true, node.name)];
    each(node.facts, '', declares);
    if (node.os === 'harvester') each(node.config, 'config', needs);
    else each(node.said, 'config', declares);
    for (const { key, text, at } of iscsiSecrets(node, site.server)) needs(text, key, at);
    if (node.cloudInit) eachOfCloudInit(node.cloudInit, [], needs);
  }
  return [...secrets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, places]) => {
      const uses = [...places.values()].sort(byPlace);
      return { name, isNeeded: uses.some(({ isNeeded }) => isNeeded), uses };
    });
}

/** Called with a text that refers to a secret, its path and its place. */
type Found = (text: string, path: string, at: Place) => void;

/** Calls for each text within a map or list that refers to a secret. */
function each(container: object, path: string, found: Found): void {
  const holder = container as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(holder)) {
    const value = holder[key];
    const inner = Array.isArray(container) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    if (typeof value === 'string') {
      if (value.includes('${secret:')) found(value, inner, placeOf(holder, key));
    } else if (typeof value === 'object' && value !== null) each(value, inner, found);
  }
}

/** Calls for each text that cloud-init finds and that refers to a secret; what a group says has been met by its own path. */
function eachOfCloudInit(data: CloudInit | Group, path: Path, found: Found): void {
  for (const { value, at, path: inner } of cloudInitLeaves(data)) {
    if (typeof value === 'string' && value.includes('${secret:'))
      found(value, pathText([...path, ...inner]), at);
  }
}

/** By code unit, and not by locale. */
function byPlace({ at: a }: SecretUse, { at: b }: SecretUse): number {
  if (a.source.file !== b.source.file) return a.source.file < b.source.file ? -1 : 1;
  return a.start - b.start;
}

/** What a text of iSCSI is for: a password of the site's own server or of somebody else's, or a name of a target, or its end. */
export type IscsiPurpose = 'chap' | 'foreign-chap' | 'target-name' | 'target-suffix';

/** A text of a node's iSCSI that may refer to a secret, the key by which the inventory says it, and its place. */
interface IscsiText {
  readonly key: string;
  readonly purpose: IscsiPurpose;
  readonly text: string;
  readonly at: Place;
}

/** Gives what a node's iSCSI has of secrets: the name of its target, whose end the server says where it is the site's own, and the passwords. */
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

function textOf<Holder extends object>(
  holder: Holder | undefined,
  field: keyof Holder & string,
  key: string,
  purpose: IscsiPurpose,
): IscsiText[] {
  const text = holder?.[field];
  if (!holder || typeof text !== 'string' || !text.includes('${secret:')) return [];
  return [{ key, purpose, text, at: placeOf(holder, field) }];
}

/** Says whether a node's script holds what nobody but the node is to have: by what it logs in at its disk. */
export function holdsSecrets({ iscsi }: Pick<Node, 'iscsi'>): boolean {
  return iscsi !== undefined && (iscsi.chap !== undefined || iscsi.target.includes('${secret:'));
}
