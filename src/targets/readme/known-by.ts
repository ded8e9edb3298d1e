import type { Node } from '../../site/model.ts';

/** Says in a few words what a machine is known by: the MAC that it boots from, else its address; and what its firmware says. */
export function knownBy({ bootNic, uuid, serial }: Node): string {
  return [
    bootNic.mac ?? 'its address',
    ...(uuid ? [`UUID ${uuid}`] : []),
    ...(serial ? [`serial number ${serial}`] : []),
  ].join(', ');
}
