import type { Path } from '../source/leaf.ts';
import { hasLocation, isBroken, isValueMap, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isCryptHash, isPrivateKey } from '../values/secrets.ts';
import type { CloudInit, CloudInitData, Group, Node, Site } from './model.ts';

/** A part of the user-data or vendor-data of a node, with its source location. */
export interface CloudInitPart {
  readonly node: Draft<Node>;
  readonly name: 'user_data' | 'vendor_data';
  readonly part: CloudInitData;
  readonly at: SourceLocation;
  readonly parts: readonly CloudInitData[];
}

/** Cached: many rules need the same nodes, and most sites have few of them. */
const withCloudInit = onceFor((nodes: readonly (Draft<Node> | undefined)[]) =>
  nodes.flatMap((node) => (node?.cloudInit ? [node] : [])),
);

/** Returns every part that runs on nodes: the cloud-config maps of a node merged into one, and each text. */
export function* eachCloudInitPart({ nodes = [] }: Draft<Site>): Iterable<CloudInitPart> {
  for (const node of withCloudInit(nodes)) {
    for (const [key, name] of [
      ['userData', 'user_data'],
      ['vendorData', 'vendor_data'],
    ] as const) {
      const parts = (node.cloudInit?.[key] ?? []) as readonly CloudInitData[];
      for (const [index, part] of parts.entries())
        yield { node, name, part, at: locationOf(parts, index), parts };
    }
  }
}

/** An entry of `write_files`. */
export interface WrittenFile {
  readonly node: Draft<Node>;
  /** The map, whose keys have source locations. */
  readonly entry: {
    readonly path?: string | undefined;
    readonly content?: string | undefined;
    readonly encoding?: string | undefined;
  };
}

/** An entry of `write_files` of cloud-config, an external format: it may be of any type. */
export interface CloudInitFile {
  readonly node: Draft<Node>;
  readonly name: 'user_data' | 'vendor_data';
  readonly entry: unknown;
  readonly at: SourceLocation;
}

/** Returns every file that Harvester's configurations (`os.write_files`) or cloud-init (`write_files`) write on nodes. */
export function* writtenFiles(site: Draft<Site>): Iterable<WrittenFile> {
  for (const node of site.nodes ?? [])
    for (const entry of node?.userConfig?.os?.write_files ?? []) if (node && entry) yield { node, entry };
  for (const { node, entry } of cloudInitFiles(site)) if (isEntry(entry)) yield { node, entry };
}

/** Returns every entry of `write_files` of cloud-config, of any type. */
export function* cloudInitFiles(site: Draft<Site>): Iterable<CloudInitFile> {
  for (const { node, name, part } of eachCloudInitPart(site)) {
    if (typeof part !== 'object' || !Array.isArray(part.write_files)) continue;
    const entries: readonly unknown[] = part.write_files;
    for (const [index, entry] of entries.entries())
      yield { node, name, entry, at: locationOf(entries, index) };
  }
}

function isEntry(entry: unknown): entry is WrittenFile['entry'] {
  if (!isValueMap(entry)) return false;
  const { path = '', content = '', encoding = '' } = entry;
  return [path, content, encoding].every((value) => typeof value === 'string');
}

/** A value of cloud-init data without values of its own, with its key in the inventory. */
export interface CloudInitLeaf {
  /** The path, starting with the key `cloud_init`. */
  readonly path: Path;
  readonly value: unknown;
  readonly at: SourceLocation;
  readonly holder: object;
}

/** Returns the leaves of a node's or group's merged cloud-init data; computed once for data that nodes share. */
export const cloudInitLeaves = onceFor((data: Draft<CloudInit> | Draft<Group>): readonly CloudInitLeaf[] => [
  ...leavesOf(data),
]);

function* leavesOf(data: Draft<CloudInit> | Draft<Group>): Iterable<CloudInitLeaf> {
  const found = data as Readonly<Record<string, unknown>>;
  for (const [key, name] of [
    ['userData', 'user_data'],
    ['vendorData', 'vendor_data'],
    ['metaData', 'meta_data'],
    ['networkConfig', 'network_config'],
  ] as const) {
    const value = found[key];
    if (value === undefined || isBroken(found, key) || isUnset(found, key)) continue;
    // The parts of user-data do not have their own keys.
    if (Array.isArray(value)) {
      for (const index of value.keys()) yield* below(value, index, ['cloud_init', name]);
    } else yield* below(found, key, ['cloud_init', name]);
  }
}

/** Whether a key is not set in the inventory: an empty value is then harvgen's own. */
function isUnset(data: Readonly<Record<string, unknown>>, key: string): boolean {
  return !hasLocation(data, key) && Object.keys(data[key] as object).length === 0;
}

function* below(holder: object, key: string | number, path: Path): Iterable<CloudInitLeaf> {
  const value = (holder as Readonly<Record<string | number, unknown>>)[key];
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (keys.length === 0 && value !== undefined)
    yield { path, value, at: locationOf(holder, key as never), holder };
  for (const inner of keys) {
    const step = Array.isArray(value) ? Number(inner) : inner;
    yield* below(value as object, step, [...path, step]);
  }
}

/** A MUNGE key is always a secret. */
const KEY_FILE = /(?:^|\/)munge\.key$/;

/** Values for which cloud-init generates a password (cloudinit/config/cc_set_passwords.py), and those of locked accounts. */
const RANDOM = /^(?:R|RANDOM|[!*]+)$/;

/**
 * Whether a text of cloud-init data is a secret by its location: a password that is not a crypt hash, a private key, a MUNGE
 * key. The function `isNamed` returns whether a value is a secret by the name of its key.
 */
export function isClearInCloudInit(
  { path, holder }: CloudInitLeaf,
  value: string,
  isNamed: (key: string, value: string) => boolean,
): boolean {
  if (isPrivateKey(value)) return true;
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  if (path.includes('chpasswd') && key === 'list') return passwordsIn(value).some(isClearPassword);
  if (key === 'content') return KEY_FILE.test(fileOf({ holder }));
  // A crypt hash is the usual form of a password, and a public key is not a secret.
  return isNamed(String(key), value) && isClearPassword(value);
}

/** Returns the path of the file of a content in `write_files`: `unnamed` if that is no text. */
export function fileOf({ holder }: Pick<CloudInitLeaf, 'holder'>): string {
  const { path } = holder as { readonly path?: unknown };
  return typeof path === 'string' ? path : 'unnamed';
}

function isClearPassword(value: string): boolean {
  return !RANDOM.test(value) && !isCryptHash(value);
}

function passwordsIn(list: string): string[] {
  return list.split('\n').flatMap((line) => /^[^:\s]+:(.+)$/.exec(line.trim())?.[1] ?? []);
}
