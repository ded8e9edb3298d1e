import type { Network, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { interfacesOf, networkFacts, reservationsOf, tftpAddress } from '../dhcp/dhcp.ts';
import { type LoaderKind, loadersOfKind } from '../programs.ts';
import type { Target } from '../target.ts';

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
    const interfaces = interfacesOf(networks);
    const comment = `${site.name}: DHCP for the machines of the site. Made by harvgen: edit the inventory instead.`;
    const server = {
      'user-context': { comment },
      'interfaces-config': { interfaces: interfaces.length > 0 ? interfaces : ['*'], ...PATIENCE },
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

function subnetOf(site: Site, network: Network, id: number): object {
  const { pool, ntpAddresses, leaseSeconds, reservations } = networkFacts(site, network);
  const { gateway, dns, domain, mtu } = network;
  const options = {
    routers: gateway,
    'domain-name-servers': dns.join(', '),
    'ntp-servers': ntpAddresses.join(', '),
    'domain-name': domain,
    'interface-mtu': mtu?.toString(),
  };
  return {
    id,
    'user-context': { network: network.name },
    subnet: network.subnet.text,
    pools: pool ? [{ pool: `${pool.from} - ${pool.to}` }] : [],
    'valid-lifetime': leaseSeconds,
    'min-valid-lifetime': leaseSeconds,
    'max-valid-lifetime': leaseSeconds,
    'next-server': tftpAddress(site),
    'option-data': Object.entries(options).flatMap(([name, data]) => (data ? [{ name, data }] : [])),
    // One for each MAC that may ask for the address: Kea's has one.
    reservations: reservations.flatMap(({ macs, ip, hostname, loads }) =>
      macs.map((mac) => ({
        'hw-address': mac,
        'ip-address': ip,
        hostname,
        'client-classes': loads && [classOf(loads)],
      })),
    ),
  };
}

/** The class that a reservation puts its client into, by what its firmware loads. */
function classOf(kind: LoaderKind): string {
  return `loads-${kind}`;
}

/** iPXE, by its user class. */
const IS_IPXE = { name: 'is-ipxe', test: startsWith(77, 4, "'iPXE'") };

/**
 * Kea's client classes for a boot in two stages: by what the inventory says that a node loads, and by what asks, firmware of
 * an architecture or iPXE. A management controller is in none of them. A test that stands on KNOWN or UNKNOWN is made when the
 * reservation has been looked up, which the others stand on. Source: Kea 2.2, Administrator Reference Manual, section 14.
 */
function classesOf(site: Site, networks: readonly Network[]): object[] {
  const reservations = networks.flatMap((network) => reservationsOf(site, network));
  const kinds = new Set(reservations.flatMap(({ loads }) => loads ?? []));
  // Who is not known loads iPXE.
  if (networks.some(({ dhcp }) => dhcp?.pool)) kinds.add('ipxe');
  if (kinds.size === 0) return [];
  const all = [...kinds];
  return [
    IS_IPXE,
    ...all.map((kind) => ({ name: classOf(kind) })),
    ...all.map((kind) => {
      const isKnown = `member('KNOWN') and ${isMember(classOf(kind))}`;
      return { name: bootsOf(kind), test: kind === 'ipxe' ? `(${isKnown}) or member('UNKNOWN')` : isKnown };
    }),
    {
      name: 'first-script',
      test: `(${all.map((kind) => isMember(bootsOf(kind))).join(' or ')}) and ${isMember(IS_IPXE.name)}`,
      'boot-file-name': urlOf(site, BOOT_SCRIPT),
      'option-data': [
        { name: 'ipxe', 'always-send': true },
        { name: 'no-pxedhcp', space: 'ipxe', data: '1' },
      ],
    },
    ...all.flatMap((kind) => firmwareClasses(site, kind)),
  ];
}

function bootsOf(kind: LoaderKind): string {
  return `boots-${kind}`;
}

function isMember(name: string): string {
  return `member('${name}')`;
}

/** UEFI HTTP boot takes an answer only from a server that calls itself an HTTP client, too. */
const HTTP_CLIENT = [{ name: 'vendor-class-identifier', data: 'HTTPClient', 'always-send': true }];

/** Firmware gets a program, never iPXE itself, or it would load itself for ever. */
function firmwareClasses(site: Site, kind: LoaderKind): object[] {
  return loadersOfKind(site, kind).map(({ name, codes, vendorClasses, transport, file }) => {
    const says = [
      ...codes.map((code) => startsWith(93, 2, `0x${code.toString(16).padStart(4, '0')}`)),
      ...vendorClasses.map((text) => startsWith(60, text.length, `'${text}'`)),
    ];
    return {
      name: `${kind}-for-${name}`,
      test: `${isMember(bootsOf(kind))} and not ${isMember(IS_IPXE.name)} and (${says.join(' or ')})`,
      'boot-file-name': file,
      'option-data': transport === 'http' ? HTTP_CLIENT : undefined,
    };
  });
}

function startsWith(option: number, length: number, value: string): string {
  return `substring(option[${option}].hex, 0, ${length}) == ${value}`;
}
