import type { Place } from '../source/origin.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { eachBmc } from './each-bmc.ts';
import { eachNic } from './each-nic.ts';
import type { Site } from './model.ts';

/** Whose an address is, in words, and where it has it. */
export interface AddressOwner {
  readonly address: string;
  readonly what: string;
  readonly at: Place;
}

/** Gives those of some addresses that a site's machines have: the nodes' NICs and their management controllers. */
export function* machineAddresses(
  site: Draft<Site>,
  wanted: ReadonlySet<string | undefined>,
): Iterable<AddressOwner> {
  for (const { node, nic } of eachNic(site))
    if (nic.ip && wanted.has(nic.ip))
      yield { address: nic.ip, what: `the node ${node.name}`, at: placeOf(nic, 'ip') };
  for (const { node, bmc } of eachBmc(site)) {
    if (!bmc.address || !wanted.has(bmc.address)) continue;
    const what = `the management controller of ${node.name}`;
    yield { address: bmc.address, what, at: placeOf(bmc, 'address') };
  }
}
