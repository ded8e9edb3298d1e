import { Document } from 'yaml';
import * as dhcp from '../../plan/dhcp.ts';
import { type LoaderKind, loadersOfKind } from '../../plan/programs.ts';
import type { Dhcp, Network, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, COREDHCP, DHCPD, KEA, urlOf } from '../../tree/paths.ts';
import { groupedBy } from '../../values/grouped.ts';
import { plainXname } from '../../values/identifiers.ts';
import { quoteDhcpd } from '../../values/quoting.ts';
import type { Target } from '../target.ts';

/** Returns a reservation for each MAC that may request the IP address, because a host of dhcpd, Kea or coredhcp has one MAC. */
const byMac = (reservations: readonly dhcp.Reservation[]) =>
  reservations.flatMap(({ macs, ...others }) => macs.map((mac) => ({ mac, ...others })));

/** Returns the networks with this DHCP server. */
export function servedBy({ networks }: Site, server: Dhcp['server']): Network[] {
  return networks.filter(({ dhcp }) => dhcp?.server === server);
}

/** DHCP by ISC dhcpd, for the networks that set it as their server. */
export const isc: Target = {
  name: 'isc',
  *emit(site, render) {
    const networks = servedBy(site, 'isc').map((network) => {
      return { ...network, ...dhcp.networkFacts(site, network) };
    });
    if (networks.length === 0) return;
    const data = {
      site,
      wires: wiresOf(networks),
      groups: groupsOf(site, networks),
      tftp: dhcp.tftpAddress(site),
      bootUrl: urlOf(site, BOOT_SCRIPT),
    };
    yield { path: DHCPD, content: render('isc/site.dhcpd', data) };
  },
};

/** Returns the groups of clients with the same boot files, without empty ones. Unknown machines are first. */
function groupsOf(site: Site, networks: readonly dhcp.NetworkFacts[]) {
  const reservations = networks.flatMap((network) => network.reservations);
  const names = new Set<string>();
  const known = [...new Set(reservations.map(({ loads }) => loads))].map((kind) => ({
    known: true,
    loaders: clientsOf(site, kind),
    hosts: byMac(reservations.filter(({ loads }) => loads === kind)).map(({ mac, ip, hostname }) => {
      const usual = `mac-${mac.replaceAll(':', '-')}`;
      // A port that boots untagged and runs in a VLAN has a reservation in each network.
      const name = names.has(usual) ? `${usual}-${ip}` : usual;
      names.add(usual);
      return { name, mac, ip, hostname };
    }),
  }));
  const unknown = { known: false, loaders: clientsOf(site, 'ipxe'), hosts: [] };
  return [...(networks.some(({ pool }) => pool) ? [unknown] : []), ...known];
}

function clientsOf(site: Site, kind: LoaderKind | undefined) {
  if (kind === undefined) return [];
  return loadersOfKind(site, kind).map(({ codes, vendorClasses, transport, file }) => {
    const archs = codes.map((code) => code.toString(16).padStart(2, '0'));
    const tests = [
      ...archs.map((arch) => `substring(option pxe-system-type, 0, 2) = 00:${arch}`),
      ...vendorClasses.map(
        (name) => `substring(option vendor-class-identifier, 0, ${name.length}) = ${quoteDhcpd(name)}`,
      ),
    ];
    return { test: tests.join(' or '), transport, file };
  });
}

/** Returns the networks by interface: dhcpd requires `shared-network` around those that share one. Source: dhcpd.conf(5). */
function wiresOf<N extends Network>(networks: readonly N[]) {
  const wires = groupedBy<unknown, N>(networks, (network) => network.interface ?? network);
  return Array.from(wires.values(), (members) => ({
    shared: members.length > 1 ? members[0].interface : undefined,
    networks: members,
  }));
}

/** Options of iPXE, so that iPXE does not wait for a proxy DHCP server. */
const IPXE_OPTIONS = [
  { name: 'ipxe', code: 175, space: 'dhcp4', type: 'empty', encapsulate: 'ipxe' },
  { name: 'no-pxedhcp', code: 176, space: 'ipxe', type: 'uint8' },
];

/** Retries, because Kea tries only once by default, and after a power cut it starts before the NIC has a link. */
const SOCKET_RETRIES = { 'service-sockets-max-retries': 120, 'service-sockets-retry-wait-time': 5000 };

/** DHCP by ISC Kea, for the networks that set it as their server. */
export const kea: Target = {
  name: 'kea',
  *emit(site) {
    const networks = servedBy(site, 'kea');
    if (networks.length === 0) return;
    const interfaces = dhcp.interfacesOf(networks);
    const comment = `${site.name}: DHCP for the machines of the site. Made by harvgen: edit the inventory instead.`;
    const server = {
      'user-context': { comment },
      'interfaces-config': { interfaces: interfaces.length > 0 ? interfaces : ['*'], ...SOCKET_RETRIES },
      'lease-database': { type: 'memfile', persist: true },
      authoritative: true,
      // Machines are identified by MAC, because firmware, iPXE and the system each send a different client identifier.
      'match-client-id': false,
      'host-reservation-identifiers': ['hw-address'],
      'reservations-global': false,
      'reservations-in-subnet': true,
      'reservations-out-of-pool': true,
      // Any NIC of a bond may request the IP address.
      'ip-reservations-unique': false,
      'option-def': IPXE_OPTIONS,
      'client-classes': classesOf(site, networks),
      subnet4: networks.map((network, index) => subnetOf(site, network, index + 1)),
    };
    yield { path: KEA, content: `${JSON.stringify({ Dhcp4: server }, undefined, 2)}\n` };
  },
};

function subnetOf(site: Site, network: Network, id: number): object {
  const { pool, options, leaseSeconds, reservations } = dhcp.networkFacts(site, network);
  return {
    id,
    'user-context': { network: network.name },
    subnet: network.subnet.text,
    pools: pool ? [{ pool: `${pool.from} - ${pool.to}` }] : [],
    'valid-lifetime': leaseSeconds,
    'min-valid-lifetime': leaseSeconds,
    'max-valid-lifetime': leaseSeconds,
    'next-server': dhcp.tftpAddress(site),
    'option-data': options.flatMap(({ name, values }) =>
      values.length > 0 ? [{ name, data: values.join(', ') }] : [],
    ),
    reservations: byMac(reservations).map(({ mac, ip, hostname, loads }) => ({
      'hw-address': mac,
      'ip-address': ip,
      hostname,
      'client-classes': loads && [classOf(loads)],
    })),
  };
}

/** Returns the class of a reservation's client, by its boot loader. */
const classOf = (kind: LoaderKind) => `loads-${kind}`;

const bootsOf = (kind: LoaderKind) => `boots-${kind}`;

const isMember = (name: string) => `member('${name}')`;

const IS_IPXE = { name: 'is-ipxe', test: "substring(option[77].hex, 0, 4) == 'iPXE'" };

/**
 * Returns Kea's client classes for both boot stages: by a node's boot loader, and by the client, firmware of an architecture
 * or iPXE. BMCs are in no class. Kea evaluates a test with KNOWN or UNKNOWN after the lookup of the reservation; the other
 * tests depend on these. Source: Kea 2.2, Administrator Reference Manual, section 14.
 */
function classesOf(site: Site, networks: readonly Network[]): object[] {
  const reservations = networks.flatMap((network) => dhcp.reservationsOf(site, network));
  const kinds = new Set(reservations.flatMap(({ loads }) => loads ?? []));
  // Unknown machines load iPXE.
  if (networks.some((network) => network.dhcp?.pool)) kinds.add('ipxe');
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

/** UEFI HTTP boot accepts only answers whose option 60 is HTTPClient. */
const HTTP_CLIENT = [{ name: 'vendor-class-identifier', data: 'HTTPClient', 'always-send': true }];

/** Returns the classes that assign boot files to firmware but not to iPXE, which would otherwise load itself forever. */
function firmwareClasses(site: Site, kind: LoaderKind): object[] {
  return loadersOfKind(site, kind).map(({ name, codes, vendorClasses, transport, file }) => {
    const tests = [
      ...codes.map((code) => `substring(option[93].hex, 0, 2) == 0x${code.toString(16).padStart(4, '0')}`),
      ...vendorClasses.map((text) => `substring(option[60].hex, 0, ${text.length}) == '${text}'`),
    ];
    return {
      name: `${kind}-for-${name}`,
      test: `${isMember(bootsOf(kind))} and not ${isMember(IS_IPXE.name)} and (${tests.join(' or ')})`,
      'boot-file-name': file,
      'option-data': transport === 'http' ? HTTP_CLIENT : undefined,
    };
  });
}

const LEASES = '/var/lib/coredhcp/leases';

const MADE_BY = 'Made by harvgen: edit the inventory instead.';

/**
 * DHCP by coredhcp and its own plugins, for the one network that sets it as its server: coredhcp has one set of options. It
 * leases IP addresses but sends no boot file: `nbp` (for boot files) and `file` (for reservations) both end the answer, so one
 * of them would never run. Source: coredhcp, plugins/nbp/nbp.go and plugins/file/plugin.go.
 */
export const coredhcp: Target = {
  name: 'coredhcp',
  *emit(site) {
    const [network] = servedBy(site, 'coredhcp');
    if (!network) return;
    const { pool, options, leaseSeconds, reservations } = dhcp.networkFacts(site, network);
    const lease = leaseSeconds % 3600 === 0 ? `${leaseSeconds / 3600}h` : `${leaseSeconds}s`;
    const listen = network.interface === undefined ? undefined : [`%${network.interface}`];
    /** Returns a configuration: `before` and `after` the time of leases come OpenCHAMI's plugin and the list of reservations. */
    const configOf = (comment: string, before: readonly object[], after: readonly object[]) => {
      // The options of every answer. coredhcp has no plugin for host names or time servers.
      const plugins = [
        { server_id: site.server.host },
        { netmask: network.subnet.mask },
        ...options.flatMap(({ coredhcp: plugin, values }) =>
          plugin && values.length > 0 ? [{ [plugin]: values.join(' ') }] : [],
        ),
        ...before,
        { lease_time: lease },
        ...after,
        // The pool is after the reservations, whose plugin ends the answer for known machines.
        ...(pool ? [{ range: `${LEASES} ${pool.from} ${pool.to} ${lease}` }] : []),
      ];
      const document = new Document({ server4: { listen, plugins } });
      document.commentBefore = ` ${site.name}: ${comment} ${MADE_BY}`;
      return document.toString({ lineWidth: 0 });
    };
    const hosts = { file: `${site.server.root}/${COREDHCP.hosts}` };
    const comment = `DHCP for the machines of ${network.name}, by coredhcp.`;
    yield { path: COREDHCP.config, content: configOf(comment, [], [hosts]) };
    const lines = byMac(reservations).map(({ mac, ip }) => `${mac} ${ip}\n`);
    const content = `# ${site.name}: the reserved IP addresses. ${MADE_BY}\n${lines.join('')}`;
    yield { path: COREDHCP.hosts, content };
    if (!site.server.compat.includes('ochami')) return;
    const coresmd = { coresmd: coresmdArguments(site, lease) };
    const variant = "configuration for a coredhcp with OpenCHAMI's plugin coresmd built in.";
    yield { path: COREDHCP.coresmd, content: configOf(variant, [coresmd], []) };
  },
};

/**
 * Returns the arguments of OpenCHAMI's plugin `coresmd`, one per line. It uses the site's web server in place of SMD and BSS,
 * and serves TFTP itself. A rule for each node sets the host name, which SMD does not have.
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
