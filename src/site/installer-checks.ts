import {
  FIRST_RELEASE_SKIPPING_SIZES,
  FIRST_RELEASE_WITH_CHECKS,
} from '../knowledge/tables/harvester-hardware.ts';
import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { isUnknown } from './is-unknown.ts';
import type { Node } from './model.ts';

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
