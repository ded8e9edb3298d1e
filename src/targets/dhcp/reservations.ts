import { type BmcNic, bmcNics } from '../../site/bmc-nic.ts';
import type { Network, Nic, Node, Site } from '../../site/model.ts';
import type { Mac } from '../../values/mac.ts';
import { type LoaderKind, loaderKindOf } from '../programs.ts';

/** A reservation: all MACs that may ask for the address, the address, and what else is said to who asks. */
export interface Reservation {
  readonly macs: readonly Mac[];
  readonly ip: string;
  /** Where the address is the node's own, or its management controller's. */
  readonly hostname?: string;
  /** What firmware is handed that asks for it; a management controller boots nothing. */
  readonly loads?: LoaderKind;
}

/**
 * Gives the reservations of a network, which every DHCP server makes: those of its nodes' NICs, of a VIP that comes by
 * DHCP, and of management controllers.
 */
export function reservationsOf(site: Site, network: Network): Reservation[] {
  const { nodes, clusters } = site;
  const vips = clusters.flatMap(({ members, vip, vipMode, vipHwAddr }): Reservation[] => {
    const here = members.some((node) => node.bootNic.network === network);
    return here && vipMode === 'dhcp' && vipHwAddr ? [{ macs: [vipHwAddr], ip: vip, loads: 'ipxe' }] : [];
  });
  const reservations: Reservation[] = [];
  for (const node of nodes) {
    for (const nic of node.nics) {
      const reservation = ofNic(node, nic, network);
      if (reservation) reservations.push(reservation);
    }
  }
  reservations.push(...vips);
  for (const reservation of controllerReservations(site, network)) reservations.push(reservation);
  return reservations;
}

/** Gives those of the management controllers alone. */
export function controllerReservations({ nodes, networks }: Site, network: Network): Reservation[] {
  return [...bmcNics(nodes, networks)].flatMap(({ bmc }) => (bmc.network === network ? [ofBmc(bmc)] : []));
}

function ofNic(node: Node, nic: Nic, network: Network): Reservation | undefined {
  const { ip, mac } = nic;
  // An address without a MAC is on a network whose DHCP server is somebody else's: missing-mac.
  if (nic.network !== network || ip === undefined || mac === undefined) return undefined;
  // On any other network iPXE finds the node's script by its other NICs, too: GRUB knows the one that it boots from.
  if (nic !== node.bootNic) return { macs: [mac], ip, loads: 'ipxe' };
  // Any NIC of the management bond may be the one that asks: the firmware's choice, or the bond's.
  const macs: Mac[] = [];
  for (const one of node.bond) if (one.mac) macs.push(one.mac);
  return { macs, ip, hostname: node.name, loads: loaderKindOf(node) };
}

function ofBmc({ mac, ip, name }: BmcNic): Reservation {
  return { macs: [mac], ip, hostname: name };
}
