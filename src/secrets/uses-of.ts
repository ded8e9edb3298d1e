import { cloudInitLeaves } from '../site/cloud-init-leaves.ts';
import type { CloudInit, Group, Site } from '../site/model.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { secretNames } from '../source/marks.ts';
import { type Place, placeKey, placeOf } from '../source/origin.ts';
import { iscsiSecrets } from './iscsi-secrets.ts';

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

/** Gives the secrets that a site refers to, sorted by name, each with the places of the inventory that do. */
export function usesOf(site: Site): UsedSecret[] {
  const uses = new Uses();
  for (const cluster of site.clusters) {
    for (const name of secretNames(cluster.token))
      uses.add(name, { path: 'token', at: placeOf(cluster, 'token'), isNeeded: false });
  }
  for (const group of site.groups)
    eachOfCloudInit(group, ['groups', group.name], (text, path, at) => {
      for (const name of secretNames(text)) uses.add(name, { path, at, isNeeded: false });
    });
  for (const node of site.nodes) {
    const found =
      (isNeeded: boolean): Found =>
      (text, path, at) => {
        for (const name of secretNames(text)) uses.add(name, { path, at, isNeeded }, node.name);
      };
    each(node.facts, '', found(false));
    if (node.os === 'harvester') each(node.config, 'config', found(true));
    else each(node.said, 'config', found(false));
    for (const { key, text, at } of iscsiSecrets(node, site.server)) found(true)(text, key, at);
    if (node.cloudInit) eachOfCloudInit(node.cloudInit, [], found(true));
  }
  return uses.sorted();
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

/** What has been found of one place. */
interface Gathered {
  readonly path: string;
  readonly at: Place;
  isNeeded: boolean;
  readonly nodes: string[];
}

/** Gathers uses: many nodes may share a place. */
class Uses {
  readonly #secrets = new Map<string, Map<string, Gathered>>();

  /** Adds what refers to a secret, for a node that it reaches. */
  add(name: string, { path, at, isNeeded }: Omit<SecretUse, 'nodes'>, node?: string): void {
    const places = this.#secrets.get(name) ?? new Map<string, Gathered>();
    this.#secrets.set(name, places);
    const key = placeKey(at);
    const known = places.get(key) ?? { path, at, isNeeded, nodes: [] };
    known.isNeeded ||= isNeeded;
    // Each node comes once, with all that it has.
    if (node !== undefined && known.nodes.at(-1) !== node) known.nodes.push(node);
    places.set(key, known);
  }

  /** Gives all, sorted. */
  sorted(): UsedSecret[] {
    return [...this.#secrets]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, places]) => {
        const uses = [...places.values()].sort(byPlace);
        return { name, isNeeded: uses.some(({ isNeeded }) => isNeeded), uses };
      });
  }
}

/** By code unit, and not by locale. */
function byPlace({ at: a }: SecretUse, { at: b }: SecretUse): number {
  if (a.source.file !== b.source.file) return a.source.file < b.source.file ? -1 : 1;
  return a.start - b.start;
}
