import { Document } from 'yaml';
import type { Network, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { plainXname } from '../../values/identifiers.ts';
import { quoteDhcpd } from '../../values/quoting.ts';
import { type LoaderKind, loadersOfKind } from '../programs.ts';
import type { Target } from '../target.ts';
import { interfacesOf, type NetworkFacts, networkFacts, reservationsOf, tftpAddress } from './dhcp.ts';

/** The path, in the tree, of the configuration of ISC's dhcpd. */
export const DHCPD = 'dhcpd/dhcpd.conf';

/** DHCP by ISC's dhcpd, for the networks that name it as their server. */
export const isc: Target = {
  name: 'isc',
  *emit(site, render) {
    const served = site.networks.filter(({ dhcp }) => dhcp?.server === 'isc');
    if (served.length === 0) return;
    const networks = served.map((network) => ({ ...network, ...networkFacts(site, network) }));
    const data = {
      site,
      wires: wiresOf(networks),
      groups: groupsOf(site, networks),
      tftp: tftpAddress(site),
      bootUrl: urlOf(site, BOOT_SCRIPT),
    };
    yield { path: DHCPD, content: render('isc/site.dhcpd', data) };
  },
};

/** The groups of clients that boot alike, each with what is not there left out: strangers first, what boots nothing last. */
function groupsOf(site: Site, networks: readonly NetworkFacts[]) {
  const reservations = networks.flatMap((network) => network.reservations);
  const kinds = [...new Set(reservations.map(({ loads }) => loads))];
  const known = kinds.map((kind) => ({
    known: true,
    loaders: clientsOf(site, kind),
    // One for each MAC that may ask for the address: dhcpd's has one.
    hosts: reservations
      .filter(({ loads }) => loads === kind)
      .flatMap(({ macs, ip, hostname }) =>
        macs.map((mac) => ({ name: `mac-${mac.replaceAll(':', '-')}`, mac, ip, hostname })),
      ),
  }));
  const strangers = { known: false, loaders: clientsOf(site, 'ipxe'), hosts: [] };
  return [...(networks.some(({ pool }) => pool) ? [strangers] : []), ...known];
}

function clientsOf(site: Site, kind: LoaderKind | undefined) {
  if (kind === undefined) return [];
  return loadersOfKind(site, kind).map(({ codes, vendorClasses, transport, file }) => ({
    test: [
      ...codes.map(
        (code) => `substring(option pxe-system-type, 0, 2) = 00:${code.toString(16).padStart(2, '0')}`,
      ),
      ...vendorClasses.map(
        (name) => `substring(option vendor-class-identifier, 0, ${name.length}) = ${quoteDhcpd(name)}`,
      ),
    ].join(' or '),
    transport,
    file,
  }));
}

/** Networks by the interface that they share, which dhcpd has to be told. Source: dhcpd.conf(5), shared-network. */
function wiresOf(networks: readonly Network[]) {
  const wires = new Map<unknown, Network[]>();
  for (const network of networks) {
    const wire = network.interface ?? network;
    wires.set(wire, [...(wires.get(wire) ?? []), network]);
  }
  return [...wires.values()].map((members) => ({
    shared: members.length > 1 ? members[0]?.interface : undefined,
    networks: members,
  }));
}

/** The path, in the tree, of the configuration of Kea's DHCPv4 server. */
export const KEA = 'kea/kea-dhcp4.conf';

/** iPXE's own options: it need not wait for a proxy DHCP server. */
const IPXE_OPTIONS = [
  { name: 'ipxe', code: 175, space: 'dhcp4', type: 'empty', encapsulate: 'ipxe' },
  { name: 'no-pxedhcp', code: 176, space: 'ipxe', type: 'uint8' },
];

/** After a power cut Kea is there before the switch: unless told so, it tries once to listen on a NIC without a link. */
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
const classOf = (kind: LoaderKind) => `loads-${kind}`;

const bootsOf = (kind: LoaderKind) => `boots-${kind}`;

const isMember = (name: string) => `member('${name}')`;

const IS_IPXE = { name: 'is-ipxe', test: "substring(option[77].hex, 0, 4) == 'iPXE'" };

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

/** UEFI HTTP boot takes an answer only from a server that calls itself an HTTP client, too. */
const HTTP_CLIENT = [{ name: 'vendor-class-identifier', data: 'HTTPClient', 'always-send': true }];

/** Firmware gets a program, never iPXE itself, or it would load itself for ever. */
function firmwareClasses(site: Site, kind: LoaderKind): object[] {
  return loadersOfKind(site, kind).map(({ name, codes, vendorClasses, transport, file }) => {
    const says = [
      ...codes.map((code) => `substring(option[93].hex, 0, 2) == 0x${code.toString(16).padStart(4, '0')}`),
      ...vendorClasses.map((text) => `substring(option[60].hex, 0, ${text.length}) == '${text}'`),
    ];
    return {
      name: `${kind}-for-${name}`,
      test: `${isMember(bootsOf(kind))} and not ${isMember(IS_IPXE.name)} and (${says.join(' or ')})`,
      'boot-file-name': file,
      'option-data': transport === 'http' ? HTTP_CLIENT : undefined,
    };
  });
}

/** The paths, in the tree, of what coredhcp reads: its configuration, who has which address, and the form for OpenCHAMI's plugin. */
export const COREDHCP = {
  config: 'coredhcp/config.yaml',
  hosts: 'coredhcp/hosts',
  coresmd: 'coredhcp/coresmd.yaml',
} as const;

const LEASES = '/var/lib/coredhcp/leases';

const MADE_BY = 'Made by harvgen: edit the inventory instead.';

/**
 * DHCP by coredhcp and the plugins that it comes with, for the network that names it as its server: it has options for one. It
 * gives addresses alone: the plugin `nbp`, which names a boot file, ends the answer, and so does `file` for whom it knows, so that
 * one of them is never reached. Source: coredhcp, plugins/nbp/nbp.go and plugins/file/plugin.go.
 */
export const coredhcp: Target = {
  name: 'coredhcp',
  *emit(site) {
    const network = site.networks.find(({ dhcp }) => dhcp?.server === 'coredhcp');
    if (!network) return;
    const { gateway, dns, domain, mtu, subnet } = network;
    const { pool, leaseSeconds, reservations } = networkFacts(site, network);
    const lease = leaseSeconds % 3600 === 0 ? `${leaseSeconds / 3600}h` : `${leaseSeconds}s`;
    const listen = network.interface === undefined ? undefined : [`%${network.interface}`];
    const render = (whose: object | undefined, ownFile: object | undefined, comment: string) => {
      // What every answer has. What is in no list of plugins nobody is told: host names, time servers.
      const plugins = [
        { server_id: site.server.host },
        { netmask: subnet.mask },
        gateway === undefined ? undefined : { router: gateway },
        dns.length === 0 ? undefined : { dns: dns.join(' ') },
        domain === undefined ? undefined : { searchdomains: domain },
        mtu === undefined ? undefined : { mtu: String(mtu) },
        whose,
        { lease_time: lease },
        ownFile,
        // The pool comes after the reservations: the plugin of these ends the answer for whom it knows.
        pool && { range: `${LEASES} ${pool.from} ${pool.to} ${lease}` },
      ].filter((plugin) => plugin !== undefined);
      const document = new Document({ server4: { listen, plugins } });
      document.commentBefore = ` ${site.name}: ${comment} ${MADE_BY}`;
      return document.toString({ lineWidth: 0 });
    };
    const hosts = { file: `${site.server.root}/${COREDHCP.hosts}` };
    const comment = `DHCP for the machines of ${network.name}, by coredhcp.`;
    yield { path: COREDHCP.config, content: render(undefined, hosts, comment) };
    // A line for each MAC that may ask for the address.
    const lines = reservations.flatMap(({ macs, ip }) => macs.map((mac) => `${mac} ${ip}\n`));
    const content = `# ${site.name}: who has which address. ${MADE_BY}\n${lines.join('')}`;
    yield { path: COREDHCP.hosts, content };
    if (!site.server.compat.includes('ochami')) return;
    const coresmd = { coresmd: coresmdArguments(site, lease) };
    const same = "the same for a coredhcp that has OpenCHAMI's plugin coresmd built in.";
    yield { path: COREDHCP.coresmd, content: render(coresmd, undefined, same) };
  },
};

/**
 * The arguments of OpenCHAMI's plugin `coresmd`, one a line: it asks the tree's web server, as if that were SMD and BSS, and
 * has TFTP of its own. A rule for each node gives it its name, which SMD does not know.
 * Source: OpenCHAMI/coresmd, plugin/coredhcp/coresmd/main.go and examples/coredhcp/rules.md.
 */
function coresmdArguments(site: Site, lease: string): string {
  const { url, tftp } = site.server;
  const names = site.nodes.flatMap(({ name, xname }) =>
    xname ? [`rule=id:${plainXname(xname)},hostname:${name}`] : [],
  );
  return [
    `svc_base_uri=${url}`,
    `ipxe_base_uri=${url}`,
    'cache_valid=30s',
    `lease_time=${lease}`,
    'single_port=false',
    `tftp_dir=${tftp}`,
    'tftp_port=69',
    ...names,
    'rule=hostname:{id}',
    '',
  ].join('\n');
}
