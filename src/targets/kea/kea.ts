import type { Network, Site } from '../../site/model.ts';
import { networkFacts } from '../dhcp/network-facts.ts';
import { tftpAddress } from '../dhcp/tftp-address.ts';
import type { Target } from '../target.ts';
import { classesOf, classOf } from './client-classes.ts';

/** The path, in the tree, of the configuration of Kea's DHCPv4 server. */
export const KEA = 'kea/kea-dhcp4.conf';

/** iPXE's own options: it need not wait for a proxy DHCP server. */
const IPXE_OPTIONS = [
  { name: 'ipxe', code: 175, space: 'dhcp4', type: 'empty', encapsulate: 'ipxe' },
  { name: 'no-pxedhcp', code: 176, space: 'ipxe', type: 'uint8' },
];

/**
 * After a power cut the boot server is there before the switch is: Kea tries for ten minutes to listen on a NIC that has no link yet.
 * Unless told so, it tries once, goes on, and hears nobody.
 */
const PATIENCE = { 'service-sockets-max-retries': 120, 'service-sockets-retry-wait-time': 5000 };

/** DHCP by ISC's Kea, for the networks that name it as their server. */
export const kea: Target = {
  name: 'kea',
  *emit(site) {
    const networks = site.networks.filter(({ dhcp }) => dhcp?.server === 'kea');
    if (networks.length === 0) return;
    const comment = `${site.name}: DHCP for the machines of the site. Made by harvgen: edit the inventory instead.`;
    const server = {
      'user-context': { comment },
      'interfaces-config': { interfaces: interfacesOf(networks), ...PATIENCE },
      'lease-database': { type: 'memfile', persist: true },
      authoritative: true,
      // A machine is known by its MAC: its firmware, iPXE and the system each call themselves by another identifier.
      'match-client-id': false,
      'host-reservation-identifiers': ['hw-address'],
      'reservations-global': false,
      'reservations-in-subnet': true,
      'reservations-out-of-pool': true,
      // Any NIC of a bond may ask for the address.
      'ip-reservations-unique': false,
      'option-def': IPXE_OPTIONS,
      'client-classes': classesOf(site, networks),
      subnet4: networks.map((network, index) => subnetOf(site, network, index + 1)),
    };
    yield { path: KEA, content: `${JSON.stringify({ Dhcp4: server }, undefined, 2)}\n` };
  },
};

/** The NICs to listen on: those of the networks, if each names its own; else all. */
function interfacesOf(networks: readonly Network[]): string[] {
  const names = networks.flatMap((network) => network.interface ?? []);
  return names.length === networks.length ? [...new Set(names)] : ['*'];
}

function subnetOf(site: Site, network: Network, id: number): object {
  const { pool, ntpAddresses, leaseSeconds, reservations } = networkFacts(site, network);
  const tftp = tftpAddress(site);
  return {
    id,
    'user-context': { network: network.name },
    subnet: network.subnet.text,
    pools: pool ? [{ pool: `${pool.from} - ${pool.to}` }] : [],
    'valid-lifetime': leaseSeconds,
    'min-valid-lifetime': leaseSeconds,
    'max-valid-lifetime': leaseSeconds,
    ...(tftp !== undefined && { 'next-server': tftp }),
    'option-data': optionsOf(network, ntpAddresses),
    // One for each MAC that may ask for the address: Kea's has one.
    reservations: reservations.flatMap(({ macs, ip, hostname, loads }) =>
      macs.map((mac) => ({
        'hw-address': mac,
        'ip-address': ip,
        ...(hostname !== undefined && { hostname }),
        ...(loads && { 'client-classes': [classOf(loads)] }),
      })),
    ),
  };
}

function optionsOf({ gateway, dns, domain, mtu }: Network, ntpAddresses: readonly string[]): object[] {
  const options: readonly [name: string, data: string | undefined][] = [
    ['routers', gateway],
    ['domain-name-servers', dns.join(', ')],
    ['ntp-servers', ntpAddresses.join(', ')],
    ['domain-name', domain],
    ['interface-mtu', mtu?.toString()],
  ];
  return options.flatMap(([name, data]) => (data ? [{ name, data }] : []));
}
