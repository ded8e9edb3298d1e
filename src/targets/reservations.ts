import type { Mac } from '../site/mac.ts';
import type { Network, Site } from '../site/model.ts';

/** A reservation: all MACs that may ask for the address, the address, and the host name where it is the node's own. */
export interface Reservation {
  readonly macs: readonly Mac[];
  readonly ip: string;
  readonly hostname?: string;
}

/** Gives the reservations of a network: those of its nodes' NICs, and that of a VIP that comes by DHCP. */
export function reservationsOf(site: Site, network: Network): Reservation[] {
  const reservations: Reservation[] = site.nodes.flatMap((node) =>
    node.nics.flatMap((nic) => {
      // An address without a MAC is on a network whose DHCP server is somebody else's: missing-mac.
      if (nic.network !== network || nic.ip === undefined || nic.mac === undefined) return [];
      // Any NIC of the management bond may be the one that asks: the firmware's choice, or the bond's.
      if (nic === node.bootNic)
        return [{ macs: node.bond.flatMap(({ mac }) => mac ?? []), ip: nic.ip, hostname: node.name }];
      return [{ macs: [nic.mac], ip: nic.ip }];
    }),
  );
  for (const { members, vip, vipMode, vipHwAddr } of site.clusters) {
    const here = members.some((node) => node.bootNic.network === network);
    if (here && vipMode === 'dhcp' && vipHwAddr) reservations.push({ macs: [vipHwAddr], ip: vip });
  }
  return reservations;
}
