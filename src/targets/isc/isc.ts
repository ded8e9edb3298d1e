import type { Site } from '../../site/model.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { quoteDhcpd } from '../../values/quoting/dhcpd.ts';
import { type NetworkFacts, networkFacts } from '../dhcp/network-facts.ts';
import type { Reservation } from '../dhcp/reservations.ts';
import { tftpAddress } from '../dhcp/tftp-address.ts';
import { vendorClassesOf } from '../dhcp/vendor-class.ts';
import { type LoaderKind, loadersOfKind } from '../programs.ts';
import type { Target } from '../target.ts';
import { wiresOf } from './wires.ts';

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
    hosts: reservations.filter(({ loads }) => loads === kind).flatMap(hostsOf),
  }));
  const strangers = { known: false, loaders: clientsOf(site, 'ipxe'), hosts: [] };
  return [...(networks.some(({ pool }) => pool) ? [strangers] : []), ...known];
}

/** What firmware loads, by what it says of itself, as dhcpd's expression; nothing for a management controller. */
function clientsOf(site: Site, kind: LoaderKind | undefined) {
  if (kind === undefined) return [];
  return loadersOfKind(site, kind).map(({ codes, transport, file }) => ({
    test: [
      ...codes.map((code) => startsWith('pxe-system-type', 2, `00:${code.toString(16).padStart(2, '0')}`)),
      ...vendorClassesOf(transport, codes).map((name) =>
        startsWith('vendor-class-identifier', name.length, quoteDhcpd(name)),
      ),
    ].join(' or '),
    transport,
    file,
  }));
}

function startsWith(option: string, length: number, value: string): string {
  return `substring(option ${option}, 0, ${length}) = ${value}`;
}

/** One host for each MAC that may ask for the address: dhcpd's has one. */
function hostsOf({ macs, ip, hostname }: Reservation) {
  return macs.map((mac) => ({ name: `mac-${mac.replaceAll(':', '-')}`, mac, ip, hostname }));
}
