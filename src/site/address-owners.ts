import type { Place } from '../origin.ts';
import { placeOf } from '../origin.ts';
import type { Draft } from './draft.ts';
import { eachBmc } from './each-bmc.ts';
import { eachNic } from './each-nic.ts';
import type { Site } from './model.ts';

/** Whose an address is, in words, and where it has it. */
export interface AddressOwner {
  readonly address: string;
  readonly what: string;
  readonly at: Place;
}

/** Gives the addresses of a site's machines: of the nodes' NICs and of their management controllers. */
export function* machineAddresses(site: Draft<Site>): Iterable<AddressOwner> {
  for (const { node, nic } of eachNic(site))
    if (nic.ip) yield { address: nic.ip, what: `the node ${node.name}`, at: placeOf(nic, 'ip') };
  for (const { node, bmc } of eachBmc(site)) {
    const what = `the management controller of ${node.name}`;
    if (bmc.address) yield { address: bmc.address, what, at: placeOf(bmc, 'address') };
  }
}
