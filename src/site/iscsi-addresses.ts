import { hasPlace, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Ipv4 } from '../values/ipv4.ts';
import type { BootSaid, Network, Node, Server } from './model.ts';

/** An address of the iSCSI server that the inventory says, in which words, and where. */
export interface IscsiAddress {
  readonly address: Ipv4;
  readonly whose: string;
  readonly at: Place;
}

/** Gives the addresses of the iSCSI server as machines of a network know it. What is not said is the boot server's. */
export function* iscsiAddresses(
  network: Draft<Network> | undefined,
  server: Draft<Server> | undefined,
): Iterable<IscsiAddress> {
  if (network?.iscsi)
    yield {
      address: network.iscsi,
      whose: `the iSCSI server on ${network.name}`,
      at: placeOf(network, 'iscsi'),
    };
  const { iscsi } = server ?? {};
  if (iscsi?.address && hasPlace(iscsi, 'address'))
    yield { address: iscsi.address, whose: 'the iSCSI server', at: placeOf(iscsi, 'address') };
}

/** Gives the addresses of somebody else's iSCSI servers, each as the first node says it that has a target there. */
export function foreignIscsiAddresses(
  nodes: readonly (Draft<Node> | undefined)[],
): ReadonlyMap<Ipv4, IscsiAddress> {
  const found = new Map<Ipv4, IscsiAddress>();
  for (const node of nodes) {
    const { iscsi, boot, name } = node ?? {};
    const { target, server } = (boot ?? {}) as BootSaid;
    const address = iscsi?.address;
    if (!iscsi || !address || target === undefined || server !== address || found.has(address)) continue;
    found.set(address, { address, whose: `the iSCSI server of ${name}`, at: placeOf(iscsi, 'address') });
  }
  return found;
}
