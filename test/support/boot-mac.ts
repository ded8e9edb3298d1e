import type { Node } from '../../src/site/model.ts';
import type { Mac } from '../../src/values/identifiers.ts';

/** Returns the MAC address that a node boots from. Throws if it has none, unlike all nodes of the samples' plants. */
export function bootMac({ name, bootNic }: Node): Mac {
  if (!bootNic.mac) throw new Error(`${name} has no MAC address`);
  return bootNic.mac;
}
