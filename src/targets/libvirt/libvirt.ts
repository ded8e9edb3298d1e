import { bootOrder } from '../../plan/boot-order.ts';
import { networkFacts, stagesOf } from '../../plan/dhcp.ts';
import type { DomainDisk, Network, Nic, Node, Site } from '../../site/model.ts';
import { linksOf } from '../../site/nics.ts';
import { consoleLog, domainPath, libvirtNetworks, networkPath } from '../../tree/paths.ts';
import { uuidOf } from '../../values/identifiers.ts';
import type { Render, Target } from '../target.ts';

/** The libvirt objects of the site's host: its networks, and a domain for every node that is a virtual machine. */
export const libvirt: Target = {
  name: 'libvirt',
  *emit(site, render) {
    if (!site.host) return;
    for (const network of libvirtNetworks(site)) {
      const data = networkData(site, network, render);
      yield { path: networkPath(site, network), content: render('libvirt/network.xml', data) };
    }
    for (const node of site.nodes) {
      const data = domainData(site, node);
      if (data) yield { path: domainPath(node), content: render('libvirt/domain.xml', data) };
    }
  },
};

function domainData(site: Site, node: Node) {
  const { domain, firmware } = node;
  if (!site.host || !domain) return undefined;
  const scsi = domain.disks.filter(({ bus }) => bus === 'scsi');
  const order = bootOrder(node).map((entry) => ('disk' in entry ? entry.disk : entry.nic));
  // libvirt counts from 1.
  const orderOf = (device: DomainDisk | Nic) => order.indexOf(device) + 1 || undefined;
  return {
    site,
    node,
    domain,
    type: site.host.domainType,
    arch: node.arch,
    secureBoot: firmware === 'uefi' && node.facts.vm?.secure_boot === true,
    // Disables PXE and QEMU's iPXE for its NICs: firmware would try them before HTTP.
    httpBoot: firmware === 'uefi' && node.os === 'linux',
    disks: domain.disks.map((disk) => ({
      ...disk,
      order: orderOf(disk),
      // With only a letter, libvirt would spread the disks over controllers of its own.
      unit: disk.bus === 'scsi' ? scsi.indexOf(disk) : undefined,
    })),
    hasScsi: scsi.length > 0,
    nics: linksOf(node).map((nic) => {
      const { libvirt, interface: bridge, mtu } = nic.network;
      // The NIC takes its MTU from a network that libvirt creates.
      const attached = libvirt ? { network: libvirt.name } : { bridge, mtu };
      return { mac: nic.mac ?? '', ...attached, order: orderOf(nic) };
    }),
    console: consoleLog(node),
  };
}

function networkData(site: Site, network: Network, render: Render) {
  const dhcp = network.dhcp?.server === 'libvirt' ? network.dhcp : undefined;
  const address = network.libvirt?.address;
  const { pool, reservations, ntpAddresses, options: dhcpOptions } = networkFacts(site, network);
  const reserved = dhcp ? reservations : [];
  // libvirt's `<host>` accepts only one MAC.
  const hosts = reserved.filter(({ macs }) => macs.length === 1);
  // libvirt's dnsmasq serves DNS if the inventory makes it the machines' DNS server.
  const dns = address !== undefined && network.dns.includes(address);
  const options = {
    site,
    network,
    // libvirt's dnsmasq forwards to the host's DNS servers; an air-gapped host has none.
    resolves: !(dns && site.airGapped),
    dhcp: dhcp !== undefined,
    hasHosts: hosts.length > 0,
    reservations: reserved.filter(({ macs }) => macs.length !== 1),
    ntpAddresses,
    dhcpOptions,
    ...stagesOf(site, [network]),
  };
  // The options that dnsmasq gets past libvirt, one per line.
  const lines = dhcp || dns ? render('libvirt/network.dnsmasq', options).split('\n') : [];
  return {
    site,
    network,
    // Without a UUID of its own, libvirt would treat a redefined network as another one, and reject it.
    uuid: uuidOf(`${site.name}/${network.name}`),
    dns,
    pool: dhcp && pool,
    // libvirt limits dnsmasq's leases to the number of addresses in ranges, and reservations count too: without these ranges,
    // a full pool would leave no lease to the nodes. Without a pool there is no such limit.
    reserved: dhcp?.pool ? reservations.map(({ ip }) => ip) : [],
    lease: dhcp && leaseOf(dhcp.lease),
    hosts: hosts.map(({ macs, ip, hostname }) => ({ mac: macs[0], ip, hostname })),
    options: lines.filter((line) => line !== '' && !line.startsWith('#')),
  };
}

/** Returns a lease time such as 45m or 7d in libvirt's form: a number and its unit, with 0 for an infinite lease. */
function leaseOf(lease: string): { expiry: number; unit: string } {
  if (lease === 'infinite') return { expiry: 0, unit: 'hours' };
  const [count, unit] = [Number(lease.slice(0, -1)), lease.slice(-1)];
  if (unit === 's' || unit === 'm') return { expiry: count, unit: unit === 's' ? 'seconds' : 'minutes' };
  return { expiry: count * ({ d: 24, w: 24 * 7 }[unit] ?? 1), unit: 'hours' };
}
