import { type Availability, availability, type WrittenKey, writtenKeys } from '../knowledge/config-schema.ts';
import {
  FIRST_RELEASE_SKIPPING_SIZES,
  FIRST_RELEASE_WITH_CHECKS,
  OLDEST_RELEASE,
} from '../knowledge/harvester.ts';
import type { ConfigSchema } from '../knowledge/schemas.ts';
import { isBroken, lacks, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import { managementNetwork } from './management.ts';
import type { Node, Site } from './model.ts';

/**
 * Returns the value of a node's configuration at a path, set or derived, with its source location, or the node's location
 * for a missing value. Returns undefined if an error hides the user's value.
 */
export function effective(
  node: Draft<Node>,
  path: string,
): { readonly value: unknown; readonly at: SourceLocation } | undefined {
  if (!node.config || isUnknown(node, path)) return undefined;
  let value: unknown = node.config;
  for (const key of keysOfPath(path)) value = (value as Tree | undefined)?.[key];
  return { value, at: locationInConfig(node, path) };
}

/** Returns the source location of a node's configuration at a path, or the node's if there is no value. */
export function locationInConfig(node: Draft<Node>, path: string): SourceLocation {
  let holder: Tree | undefined;
  let value: unknown = node.config;
  let last = '';
  for (const key of keysOfPath(path)) {
    holder = value as Tree | undefined;
    value = holder?.[key];
    last = key;
  }
  return holder && value !== undefined ? locationOf(holder, last) : locationOf(node, 'name');
}

type Tree = Readonly<Record<string, unknown>>;

/** Caches parsed paths: rules use the same paths for every node. */
const pathCache = new Map<string, readonly string[]>();

function keysOfPath(path: string): readonly string[] {
  let keys = pathCache.get(path);
  if (!keys) {
    keys = path.split('.');
    pathCache.set(path, keys);
  }
  return keys;
}

/**
 * Whether a reported error hides the user's value at a path of a node's configuration, such as os.ntp_servers. The error is in
 * the value, in an entry of it, or next to its missing key. Rules cannot conclude anything from its absence then.
 */
export function isUnknown(node: Draft<Node>, path: string): boolean {
  if (!node.userConfig || isBroken(node, 'userConfig')) return true;
  let at: unknown = node.userConfig;
  for (const key of keysOfPath(path)) {
    if (!isContainer(at)) return false;
    const next = at[key];
    if (next === undefined) return !lacks(at, key);
    at = next;
  }
  return isContainer(at) && isBroken(at);
}

function isContainer(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** Whether the installer of a node asks for what its configuration lacks, instead of stopping. */
export function isInteractive({ config }: Draft<Node>): boolean {
  return config?.install?.automatic === false;
}

/** Returns the time servers of a node's configuration, or undefined if an error hides them. */
export function timeServers(node: Draft<Node>): readonly string[] | undefined {
  if (isUnknown(node, 'os.ntp_servers')) return undefined;
  const network = managementNetwork(node);
  if (!node.userConfig?.os?.ntp_servers && (!network || isBroken(network, 'ntp'))) return undefined;
  return (node.config?.os?.ntp_servers ?? []).flatMap((server) => server ?? []);
}

/**
 * Whether the installer stops on hardware that is too small: from v1.3.0 on, unless the configuration skips the check.
 * Undefined if that is unknown.
 */
export function checksHardware(node: Draft<Node>): boolean | undefined {
  return checksSince(node, FIRST_RELEASE_WITH_CHECKS, false);
}

/**
 * Whether the installer stops on disks or partitions of a wrong size: always before v1.8.0, then unless the configuration
 * skips the check. Undefined if that is unknown.
 */
export function checksSizes(node: Draft<Node>): boolean | undefined {
  return checksSince(node, FIRST_RELEASE_SKIPPING_SIZES, true);
}

function checksSince(node: Draft<Node>, since: string, before: boolean): boolean | undefined {
  const release = node.cluster?.version;
  if (!release) return undefined;
  if (!isAtLeast(release, since)) return before;
  const skips = node.config?.install?.skipchecks;
  if (skips !== undefined) return !skips;
  // The key is derived for virtual machines, and whether the node is a virtual machine may be unknown.
  if (!node.facts || isBroken(node.facts, 'vm') || isUnknown(node, 'install.skipchecks')) return undefined;
  return true;
}

/** A key that the inventory sets in configurations, and whether their release has it. */
export interface ReleaseKey extends WrittenKey {
  readonly release: Version;
  readonly available: Availability;
}

/**
 * Returns the keys that the inventory sets in the configuration of each node of a site. Nodes with the same layers, release
 * and mode share the list. Skips the contents of maps that the release lacks or that are for another mode, a separate error.
 */
export const releaseKeys = onceFor(({ nodes = [] }: Draft<Site>) => {
  const keysIn = onceFor((release: Version) =>
    onceFor((set: object) => {
      const keys = writtenKeys(set)
        .filter(({ above }) => !above || takesMaps(above, release))
        .map((key): ReleaseKey => ({ ...key, release, available: availability(key.schema, release) }));
      return { create: keysOf('create', keys), join: keysOf('join', keys), all: keys };
    }),
  );
  return nodes.flatMap((node) => {
    const release = node?.cluster?.version;
    if (!node || !release || !node.userConfig || !isAtLeast(release, OLDEST_RELEASE)) return [];
    return [{ node, keys: keysIn(release)(node.userConfig)[node.mode ?? 'all'] }];
  });
});

/** A key for the other mode is a separate error, unless the release lacks the key completely. */
function keysOf(mode: string, keys: readonly ReleaseKey[]): readonly ReleaseKey[] {
  return keys.filter(
    ({ available, schema }) => available !== 'present' || (schema['x-modes']?.includes(mode) ?? true),
  );
}

function takesMaps(key: ConfigSchema, release: Version): boolean {
  const since = key['x-since-types']?.object;
  return availability(key, release) === 'present' && (since === undefined || isAtLeast(release, since));
}
