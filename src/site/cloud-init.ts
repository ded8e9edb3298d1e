import { hasLocation, isBroken, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isCryptHash, isPrivateKey } from '../values/secrets.ts';
import type { CloudInit, CloudInitData, Group, Node, Site } from './model.ts';

/** A part of the user-data or vendor-data of a node, and where it stands. */
export interface CloudInitPart {
  readonly node: Draft<Node>;
  readonly name: 'user_data' | 'vendor_data';
  readonly part: CloudInitData;
  readonly at: SourceLocation;
  readonly parts: readonly CloudInitData[];
}

/** Many rules ask for the same nodes, and most sites have few of them. */
const withCloudInit = onceFor((nodes: readonly (Draft<Node> | undefined)[]) =>
  nodes.flatMap((node) => (node?.cloudInit ? [node] : [])),
);

/** Gives every part of what is to be run on nodes: the maps of cloud-config of each as one, and each text. */
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
  /** The map; it knows where its keys stand. */
  readonly entry: {
    readonly path?: string | undefined;
    readonly content?: string | undefined;
    readonly encoding?: string | undefined;
  };
}

/** An entry of `write_files` of cloud-config, which is of somebody else's format: anything may stand there. */
export interface CloudInitFile {
  readonly node: Draft<Node>;
  readonly name: 'user_data' | 'vendor_data';
  readonly entry: unknown;
  readonly at: SourceLocation;
}

/** Gives every file that Harvester's configurations (`os.write_files`) or cloud-init (`write_files`) write on nodes. */
export function* writtenFiles(site: Draft<Site>): Iterable<WrittenFile> {
  for (const node of site.nodes ?? []) {
    const files = node?.userConfig?.os?.write_files;
    if (node && files) for (const entry of files) if (entry) yield { node, entry };
  }
  for (const { node, entry } of cloudInitFiles(site)) if (isEntry(entry)) yield { node, entry };
}

/** Gives every entry of `write_files` of cloud-config, whatever it is. */
export function* cloudInitFiles(site: Draft<Site>): Iterable<CloudInitFile> {
  for (const { node, name, part } of eachCloudInitPart(site)) {
    if (typeof part !== 'object' || !Array.isArray(part.write_files)) continue;
    const entries: readonly unknown[] = part.write_files;
    for (const [index, entry] of entries.entries())
      yield { node, name, entry, at: locationOf(entries, index) };
  }
}

/** Says whether an entry of cloud-config is a map. */
export function isFileMap(entry: unknown): entry is Readonly<Record<string, unknown>> {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry);
}

function isEntry(entry: unknown): entry is WrittenFile['entry'] {
  if (!isFileMap(entry)) return false;
  const { path = '', content = '', encoding = '' } = entry;
  return [path, content, encoding].every((value) => typeof value === 'string');
}

type Steps = readonly (string | number)[];

/** A value that holds no others, of what cloud-init finds, and the key that one would write for it. */
export interface CloudInitLeaf {
  /** From the key `cloud_init` on. */
  readonly path: Steps;
  readonly value: unknown;
  readonly at: SourceLocation;
  readonly holder: object;
}

/** Gives the leaves of what cloud-init finds on a node, or of what a group says, as they are merged; once for data that nodes share. */
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
    if (value === undefined || isBroken(found, key) || isUnsaid(found, key)) continue;
    // The parts of user-data have no key of their own.
    if (Array.isArray(value)) {
      for (const index of value.keys()) yield* below(value, index, ['cloud_init', name]);
    } else yield* below(found, key, ['cloud_init', name]);
  }
}

/** Says whether nobody has said a key: what has nothing in it is harvgen's own then. */
function isUnsaid(data: Readonly<Record<string, unknown>>, key: string): boolean {
  return !hasLocation(data, key) && Object.keys(data[key] as object).length === 0;
}

function* below(holder: object, key: string | number, path: Steps): Iterable<CloudInitLeaf> {
  const value = (holder as Readonly<Record<string | number, unknown>>)[key];
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (keys.length === 0 && value !== undefined)
    yield { path, value, at: locationOf(holder, key as never), holder };
  for (const inner of keys) {
    const step = Array.isArray(value) ? Number(inner) : inner;
    yield* below(value as object, step, [...path, step]);
  }
}

/** A key of MUNGE is a secret whatever it looks like. */
const KEY_FILE = /(?:^|\/)munge\.key$/;

/** What cloud-init makes a password of by itself. Source: cloud-init, cloudinit/config/cc_set_passwords.py. */
const RANDOM = /^(?:R|RANDOM)$/;

/**
 * Says whether a text that cloud-init finds is a secret by where it stands: a password that is no crypt hash, a private key, a
 * key of MUNGE. `isNamed` says whether a value is a secret by the name of its key.
 */
export function isClearInCloudInit(
  { path, holder }: CloudInitLeaf,
  value: string,
  isNamed: (key: string, value: string) => boolean,
): boolean {
  if (isPrivateKey(value)) return true;
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  if (path.includes('chpasswd') && key === 'list') return passwordsIn(value).some(isClearPassword);
  if (key === 'content') return KEY_FILE.test(String((holder as { readonly path?: unknown }).path ?? ''));
  // Of these a crypt hash is the usual form, and a public key is none.
  return isNamed(String(key), value) && isClearPassword(value);
}

function isClearPassword(value: string): boolean {
  return !RANDOM.test(value) && !isCryptHash(value);
}

function passwordsIn(list: string): string[] {
  return list.split('\n').flatMap((line) => /^[^:\s]+:(.+)$/.exec(line.trim())?.[1] ?? []);
}
