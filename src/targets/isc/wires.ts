import type { Network } from '../../site/model.ts';

/** Networks that are on one wire. */
export interface Wire<N extends Network = Network> {
  /** The boot server's NIC that they share; undefined for a network alone. */
  readonly shared: string | undefined;
  readonly networks: readonly N[];
}

/**
 * Gives networks by the interface that they name, in the order of the first of each. dhcpd does not start where it finds addresses
 * of several on one NIC and has not been told so. Source: dhcpd.conf(5), the shared-network statement.
 */
export function wiresOf<N extends Network>(networks: readonly N[]): Wire<N>[] {
  const wires = new Map<unknown, N[]>();
  for (const network of networks) {
    const wire = network.interface ?? network;
    wires.set(wire, [...(wires.get(wire) ?? []), network]);
  }
  return [...wires.values()].map((members) => ({
    shared: members.length > 1 ? members[0]?.interface : undefined,
    networks: members,
  }));
}
