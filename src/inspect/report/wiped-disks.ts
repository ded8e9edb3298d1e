import { effectiveWipe, usedDisks } from '../../site/disks.ts';
import type { Node } from '../../site/model.ts';

/** Returns the disks that the installation of a node formats or wipes, in words; empty if it installs nothing. */
export function wipedDisks(node: Node): string[] {
  if (node.os !== 'harvester' || node.install === 'never') return [];
  if (effectiveWipe(node, 'wipe_disks')) return ['every disk'];
  const others = effectiveWipe(node, 'wipe_all_disks') ? ['every disk with an earlier Harvester'] : [];
  return [...new Set([...usedDisks(node).map(({ name }) => name), ...others])];
}
