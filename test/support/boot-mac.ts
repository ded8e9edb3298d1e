import type { Node } from '../../src/site/model.ts';
import type { Mac } from '../../src/values/identifiers.ts';

/** Gives the MAC address that a node boots from; throws where it has none, as those of the samples' plants all have. */
export function bootMac({ name, bootNic }: Node): Mac {
  if (!bootNic.mac) throw new Error(`${name} has no MAC address`);
  return bootNic.mac;
}
