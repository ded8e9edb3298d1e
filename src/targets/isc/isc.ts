import type { Network, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { quoteDhcpd } from '../../values/quoting.ts';
import { type NetworkFacts, networkFacts, tftpAddress } from '../dhcp/dhcp.ts';
import { type LoaderKind, loadersOfKind } from '../programs.ts';
import type { Target } from '../target.ts';

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

/** What firmware loads, by what it says of itself, as dhcpd's expression; nothing for a management controller. */
function clientsOf(site: Site, kind: LoaderKind | undefined) {
  if (kind === undefined) return [];
  return loadersOfKind(site, kind).map(({ codes, vendorClasses, transport, file }) => ({
    test: [
      ...codes.map((code) => startsWith('pxe-system-type', 2, `00:${code.toString(16).padStart(2, '0')}`)),
      ...vendorClasses.map((name) => startsWith('vendor-class-identifier', name.length, quoteDhcpd(name))),
    ].join(' or '),
    transport,
    file,
  }));
}

function startsWith(option: string, length: number, value: string): string {
  return `substring(option ${option}, 0, ${length}) = ${value}`;
}

/**
 * Networks by the interface of the boot server that they share, in the order of the first of each. dhcpd does not start where it finds addresses
 * of several on one NIC and has not been told so. Source: dhcpd.conf(5), the shared-network statement.
 */
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
