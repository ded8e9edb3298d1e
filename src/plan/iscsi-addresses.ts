import type { BootInput, Network, Node } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { hasLocation, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Ipv4 } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';

/** An IP address of the iSCSI server in the inventory, with its key and source location. */
export interface IscsiAddress {
  readonly address: Ipv4;
  readonly whose: string;
  readonly at: SourceLocation;
}

/** Returns the iSCSI server's IP addresses for the machines of a network. The default is the boot server's. */
export function* iscsiAddresses(
  network: Draft<Network> | undefined,
  server: Draft<Server> | undefined,
): Iterable<IscsiAddress> {
  if (network?.iscsi)
    yield {
      address: network.iscsi,
      whose: `the iSCSI server on ${network.name}`,
      at: locationOf(network, 'iscsi'),
    };
  const { iscsi } = server ?? {};
  if (iscsi?.address && hasLocation(iscsi, 'address'))
    yield { address: iscsi.address, whose: 'the iSCSI server', at: locationOf(iscsi, 'address') };
}

/** Returns the IP addresses of external iSCSI servers, each with the first node that has a target there. */
export function foreignIscsiAddresses(
  nodes: readonly (Draft<Node> | undefined)[],
): ReadonlyMap<Ipv4, IscsiAddress> {
  const found = new Map<Ipv4, IscsiAddress>();
  for (const node of nodes) {
    const { iscsi, boot, name } = node ?? {};
    const { target, server } = (boot ?? {}) as BootInput;
    const address = iscsi?.address;
    if (!iscsi || !address || target === undefined || server !== address || found.has(address)) continue;
    found.set(address, { address, whose: `the iSCSI server of ${name}`, at: locationOf(iscsi, 'address') });
  }
  return found;
}
