import { isSharedSerial, isSharedUuid } from '../../knowledge/tables/shared-machine-ids.ts';
import type { NodeFacts } from './facts.ts';

/**
 * Gives what a machine is known by wherever it is, so that it is known again: the MAC addresses of all its NICs, and what
 * its firmware says of it, if that is its own.
 */
export function machineIds({ nics = [], uuid, serial }: NodeFacts): string[] {
  return [
    ...nics.flatMap(({ mac }) => (mac === undefined ? [] : [`mac ${mac}`])),
    ...(uuid === undefined || isSharedUuid(uuid) ? [] : [`uuid ${uuid}`]),
    ...(serial === undefined || isSharedSerial(serial) ? [] : [`serial ${serial}`]),
  ];
}

/** The same within one site, where one without a MAC address is known by its address, too. */
export function machineIdsHere(node: NodeFacts): string[] {
  const byAddress = node.mac === undefined && node.ip !== undefined;
  return [...machineIds(node), ...(byAddress ? [`ip ${node.ip}`] : [])];
}
