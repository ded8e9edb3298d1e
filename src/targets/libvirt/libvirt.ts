import { bootOrder } from '../../site/disks.ts';
import type { DomainDisk, Network, Nic, Node, Site } from '../../site/model.ts';
import { consoleLog, domainPath, libvirtNetworks, networkPath } from '../../tree/paths.ts';
import { uuidOf } from '../../values/identifiers.ts';
import { networkFacts, stagesOf } from '../dhcp/dhcp.ts';
import type { Render, Target } from '../target.ts';

/** What libvirt makes on the site's host: its networks, and a domain for every node that is a virtual machine. */
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
  const { domain } = node;
  if (!site.host || !domain) return undefined;
  const scsi = domain.disks.filter(({ bus }) => bus === 'scsi');
  const order = bootOrder(node);
  // libvirt counts from 1.
  const orderOf = (device: DomainDisk | Nic) =>
    order.findIndex((one) => ('disk' in one ? one.disk : one.nic) === device) + 1 || undefined;
  return {
    site,
    node,
    domain,
    type: site.host.domainType,
    arch: node.arch,
    secureBoot: node.firmware === 'uefi' && node.facts.vm?.secure_boot === true,
    // Neither PXE nor the iPXE that QEMU has for its NICs: whichever is there is tried before HTTP.
    httpBoot: node.firmware === 'uefi' && node.os === 'linux',
    disks: domain.disks.map((one) => ({
      ...one,
      order: orderOf(one),
      // By its letter alone, libvirt would spread them over controllers that it makes up.
      unit: one.bus === 'scsi' ? scsi.indexOf(one) : undefined,
    })),
    hasScsi: scsi.length > 0,
    nics: node.nics.map((nic) => {
      const { libvirt, interface: bridge, mtu } = nic.network;
      // What a network that libvirt makes has for an MTU, the NIC takes.
      const attached = libvirt ? { network: libvirt.name } : { bridge, mtu };
      return { mac: nic.mac ?? '', ...attached, order: orderOf(nic) };
    }),
    console: consoleLog(node),
  };
}

function networkData(site: Site, network: Network, render: Render) {
  const dhcp = network.dhcp?.server === 'libvirt' ? network.dhcp : undefined;
  const address = network.libvirt?.address;
  const { pool, reservations, ntpAddresses } = networkFacts(site, network);
  const reserved = dhcp ? reservations : [];
  // libvirt's `<host>` takes one MAC.
  const hosts = reserved.filter(({ macs }) => macs.length === 1);
  // libvirt's dnsmasq answers DNS where the inventory sends the machines to it.
  const dns = address !== undefined && network.dns.includes(address);
  const options = {
    site,
    network,
    // Whom libvirt's dnsmasq asks is whom the host asks, and an air-gapped one asks in vain.
    resolves: !(dns && site.airGapped),
    dhcp: dhcp !== undefined,
    hasHosts: hosts.length > 0,
    reservations: reserved.filter(({ macs }) => macs.length !== 1),
    ntpAddresses,
    ...stagesOf(site, [network]),
  };
  // What dnsmasq is to be told past libvirt, line by line.
  const lines = dhcp || dns ? render('libvirt/network.dnsmasq', options).split('\n') : [];
  return {
    site,
    network,
    // Without one of its own, libvirt would call a network that it is told again another one, and refuse it.
    uuid: uuidOf(`${site.name}/${network.name}`),
    dns,
    pool: dhcp && pool,
    // libvirt has dnsmasq give as many leases as there are addresses in ranges, and those of reservations count, too: a
    // full pool would leave none to the nodes. Without a range there is no such limit.
    reserved: dhcp?.pool ? reservations.map(({ ip }) => ip) : [],
    lease: dhcp && leaseOf(dhcp.lease),
    hosts: hosts.map(({ macs, ip, hostname }) => ({ mac: macs[0], ip, hostname })),
    options: lines.filter((line) => line !== '' && !line.startsWith('#')),
  };
}

/** A lease time such as 45m or 7d, as libvirt takes it: a number and its unit, 0 for one that does not end. */
function leaseOf(lease: string): { expiry: number; unit: string } {
  if (lease === 'infinite') return { expiry: 0, unit: 'hours' };
  const [count, unit] = [Number(lease.slice(0, -1)), lease.slice(-1)];
  if (unit === 's' || unit === 'm') return { expiry: count, unit: unit === 's' ? 'seconds' : 'minutes' };
  return { expiry: count * ({ d: 24, w: 24 * 7 }[unit] ?? 1), unit: 'hours' };
}
