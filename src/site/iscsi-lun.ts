import type { Draft } from '../values/draft.ts';
import type { IscsiBoot } from './model.ts';

/**
 * Gives the LUN of a target that a disk is, by a text that no other has; undefined where it is not known, and at a link-local
 * address, where each machine has a server of its own: a cloud's hypervisor, which calls every boot volume the same.
 */
export function lunKey({ address, port, target, lun }: Draft<IscsiBoot>): string | undefined {
  if (!target || lun === undefined || !address || address.startsWith('169.254.')) return undefined;
  return `${address} ${port} ${target} ${lun}`;
}
