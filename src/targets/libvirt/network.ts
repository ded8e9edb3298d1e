import type { Network, Site } from '../../site/model.ts';
import { uuidOf } from '../../values/uuid.ts';
import { networkFacts } from '../dhcp/network-facts.ts';
import type { Reservation } from '../dhcp/reservations.ts';
import { stagesOf } from '../dhcp/stages.ts';
import type { Render } from '../render.ts';

/** What the template of a network that libvirt makes gets. */
export function networkData(site: Site, network: Network, render: Render) {
  const dhcp = network.dhcp?.server === 'libvirt' ? network.dhcp : undefined;
  const address = network.libvirt?.address;
  const { pool, reservations } = dhcp ? networkFacts(site, network) : { reservations: [] };
  const data = {
    site,
    network,
    // Without one of its own, libvirt would call a network that it is told again another one, and refuse it.
    uuid: uuidOf(`${site.name}/${network.name}`),
    // libvirt's dnsmasq answers DNS where the inventory sends the machines to it.
    dns: address !== undefined && network.dns.includes(address),
    pool,
    // libvirt has dnsmasq give as many leases as there are addresses in ranges, and those of reservations count, too: a
    // full pool would leave none to the nodes. Without a range there is no such limit.
    reserved: dhcp?.pool ? reservations.map(({ ip }) => ip) : [],
    lease: dhcp && leaseOf(dhcp.lease),
    hosts: reservations.filter(isHost).map(({ macs, ip, hostname }) => ({ mac: macs[0], ip, hostname })),
  };
  const others = reservations.filter((one) => !isHost(one));
  return { ...data, options: dhcp || data.dns ? optionsOf(site, network, { ...data, others }, render) : [] };
}

/** Whether libvirt's `<host>` can say a reservation: it takes one MAC. */
function isHost({ macs }: Reservation): boolean {
  return macs.length === 1;
}

interface OptionData {
  readonly dns: boolean;
  readonly hosts: readonly unknown[];
  readonly others: readonly Reservation[];
}

/** What dnsmasq is to be told past libvirt, line by line. */
function optionsOf(
  site: Site,
  network: Network,
  { dns, hosts, others }: OptionData,
  render: Render,
): string[] {
  const text = render('libvirt/network.dnsmasq', {
    site,
    network,
    // Whom libvirt's dnsmasq asks is whom the host asks, and an air-gapped one asks in vain.
    resolves: !(dns && site.airGapped),
    dhcp: network.dhcp?.server === 'libvirt',
    hasHosts: hosts.length > 0,
    reservations: others,
    ntpAddresses: networkFacts(site, network).ntpAddresses,
    ...stagesOf(site, [network]),
  });
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const UNITS: Readonly<Record<string, readonly [count: number, unit: string]>> = {
  s: [1, 'seconds'],
  m: [1, 'minutes'],
  h: [1, 'hours'],
  d: [24, 'hours'],
  w: [24 * 7, 'hours'],
};

/** A lease time such as 45m or 7d, as libvirt takes it: a number and its unit, 0 for one that does not end. */
function leaseOf(lease: string): { expiry: number; unit: string } {
  const [factor = 0, unit = 'hours'] = UNITS[lease.slice(-1)] ?? [];
  if (lease === 'infinite') return { expiry: 0, unit: 'hours' };
  return { expiry: Number(lease.slice(0, -1)) * factor, unit };
}
