import { type Availability, availability, type WrittenKey, writtenKeys } from '../knowledge/config-schema.ts';
import {
  FIRST_RELEASE_SKIPPING_SIZES,
  FIRST_RELEASE_WITH_CHECKS,
  OLDEST_RELEASE,
} from '../knowledge/harvester.ts';
import type { ConfigSchema } from '../knowledge/schemas.ts';
import { hasFaults, isBroken, isSilentOf, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import type { Node, Site } from './model.ts';

/**
 * Gives what a node's configuration has at a path, said or derived, and its place, of what is not there the node's; undefined where
 * a fault hides what is said.
 */
export function effective(
  node: Draft<Node>,
  path: string,
): { readonly value: unknown; readonly at: SourceLocation } | undefined {
  if (!node.config || isUnknown(node, path)) return undefined;
  let value: unknown = node.config;
  for (const key of keysOfPath(path)) value = (value as Tree | undefined)?.[key];
  return { value, at: placeInConfig(node, path) };
}

/** Gives the place of what a node's configuration has at a path, the node's where there is nothing. */
export function placeInConfig(node: Draft<Node>, path: string): SourceLocation {
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

/** The paths that rules ask for, taken apart: they ask for the same of every node. */
const takenApart = new Map<string, readonly string[]>();

function keysOfPath(path: string): readonly string[] {
  let keys = takenApart.get(path);
  if (!keys) {
    keys = path.split('.');
    takenApart.set(path, keys);
  }
  return keys;
}

/**
 * Says whether it is not known what the inventory says at a path of a node's configuration, such as os.ntp_servers,
 * because a fault has been reported of it, of an entry of it, or beside where it is missing: of its absence nothing
 * can be concluded then.
 */
export function isUnknown(node: Draft<Node>, path: string): boolean {
  if (!node.userConfig || isBroken(node, 'userConfig')) return true;
  let at: unknown = node.userConfig;
  for (const key of keysOfPath(path)) {
    if (!isContainer(at)) return false;
    const next = at[key];
    if (next === undefined) return !isSilentOf(at, key);
    at = next;
  }
  return isContainer(at) && hasFaults(at);
}

function isContainer(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** Gives the time servers of a node's configuration; undefined where a fault leaves open which these are. */
export function timeServers(node: Draft<Node>): readonly string[] | undefined {
  if (isUnknown(node, 'os.ntp_servers')) return undefined;
  const network = node.bootNic?.network;
  if (!node.userConfig?.os?.ntp_servers && (!network || isBroken(network, 'ntp'))) return undefined;
  return (node.config?.os?.ntp_servers ?? []).flatMap((server) => server ?? []);
}

/**
 * Says whether the installer stops where a node's hardware is too small: from v1.3.0 on, unless it is told to skip
 * that. Undefined where that is not known.
 */
export function checksHardware(node: Draft<Node>): boolean | undefined {
  return checksSince(node, FIRST_RELEASE_WITH_CHECKS, false);
}

/**
 * Says whether the installer stops where a node's disks or partitions have a wrong size: always before v1.8.0, then
 * unless it is told to skip that. Undefined where that is not known.
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
  // It is derived for virtual machines, and whether the node is one may not be known.
  if (!node.facts || isBroken(node.facts, 'vm') || isUnknown(node, 'install.skipchecks')) return undefined;
  return true;
}

/** A key that the inventory writes in configurations, and whether their release has it. */
export interface ReleaseKey extends WrittenKey {
  readonly release: Version;
  readonly available: Availability;
}

/**
 * Gives the keys that the inventory writes in the configuration of each node of a site. Nodes with the same layers, release and
 * mode share the list. Passes over what is in a map that the release lacks, or is not of the node's mode: that is a fault of its own.
 */
export const releaseKeys = onceFor(({ nodes = [] }: Draft<Site>) => {
  const keysIn = onceFor((release: Version) =>
    onceFor((said: object) => {
      const keys = writtenKeys(said)
        .filter(({ above }) => !above || takesMaps(above, release))
        .map(
          (written): ReleaseKey => ({
            ...written,
            release,
            available: availability(written.schema, release),
          }),
        );
      return { create: keysOf('create', keys), join: keysOf('join', keys), all: keys };
    }),
  );
  return nodes.flatMap((node) => {
    const release = node?.cluster?.version;
    if (!node || !release || !node.userConfig || !isAtLeast(release, OLDEST_RELEASE)) return [];
    return [{ node, keys: keysIn(release)(node.userConfig)[node.mode ?? 'all'] }];
  });
});

/** That a key is of the other mode is a fault of its own, unless the release lacks it altogether. */
function keysOf(mode: string, keys: readonly ReleaseKey[]): readonly ReleaseKey[] {
  return keys.filter(
    ({ available, schema }) => available !== 'present' || (schema['x-modes']?.includes(mode) ?? true),
  );
}

function takesMaps(key: ConfigSchema, release: Version): boolean {
  const since = key['x-since-types']?.object;
  return availability(key, release) === 'present' && (since === undefined || isAtLeast(release, since));
}
