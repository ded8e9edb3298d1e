import type { CloudInit, Nic, Node } from '../site/model.ts';
import { kernelWords } from '../values/text.ts';

/** Root file systems that the running system reads over the network: it would hang without its link. */
const NETWORK_ROOT =
  /^root=(?:\/dev\/nfs|nfs4?:|nbd:|iscsi:|netroot|\d+\.\d+\.\d+\.\d+:)|^(?:netroot|nfsroot)=/;

/** The longest name of a network interface: IFNAMSIZ of Linux, less the zero byte at its end. */
const LONGEST_NAME = 15;

/**
 * Returns the network configuration of a node, version 2: that of the inventory, otherwise one that is derived from its NICs, by
 * their MACs. The NIC that booted is untagged, even if its network has a VLAN, because its link carries the boot. Returns
 * undefined if no NIC has a MAC or a name.
 * Source: cloud-init, doc/rtd/reference/network-config-format-v2.rst.
 */
export function networkConfigOf(
  node: Node,
  { networkConfig }: CloudInit,
  booted = node.bootNic,
): object | undefined {
  if (networkConfig) return networkConfig;
  const ethernets: [string, object][] = [];
  const vlans: [string, object][] = [];
  for (const [index, nic] of node.nics.entries()) {
    // A port that boots untagged may be on another network by its VLAN.
    const port = nic.mac && nic.mac === booted.mac ? booted : nic;
    const link = port.name ?? nic.name ?? (nic.mac && `nic${node.nics.indexOf(port)}`);
    if (!link) continue;
    const isSpare = nic !== booted && node.bootNics.includes(nic);
    // The VLAN with the NIC's IP address, if the NIC has one and its network is a VLAN.
    const { vlan, dhcp } = nic.network;
    const tag = !isSpare && nic !== booted && (dhcp || nic.ip) ? vlan : undefined;
    // All NICs share one reservation: two that request it would get the same IP address.
    const address = isSpare ? UNUSED : addressOf(nic, nic === booted);
    if (port === nic)
      ethernets.push([link, { ...ethernetOf(node, nic, booted), ...(tag ? { dhcp4: false } : address) }]);
    if (tag) vlans.push([vlanName(link, tag, index), { id: tag, link, ...mtuOf(nic), ...address }]);
  }
  if (ethernets.length === 0) return undefined;
  return {
    version: 2,
    ethernets: Object.fromEntries(ethernets),
    ...(vlans.length > 0 && { vlans: Object.fromEntries(vlans) }),
  };
}

/** Returns the usual name of a VLAN interface, or a shorter one. Readers of sysconfig's files need the tag at its end. */
function vlanName(link: string, tag: number, index: number): string {
  const usual = `${link}.${tag}`;
  return usual.length <= LONGEST_NAME ? usual : `nic${index}.${tag}`;
}

function ethernetOf(node: Node, nic: Nic, booted: Nic): object {
  const { mac, name } = nic;
  const hasRoot =
    node.os === 'iscsi' || node.linux?.args.flatMap(kernelWords).some((word) => NETWORK_ROOT.test(word));
  return {
    ...(mac && { match: { macaddress: mac } }),
    ...(mac && name && { 'set-name': name }),
    ...mtuOf(nic),
    ...(nic === booted && hasRoot && { critical: true }),
  };
}

function mtuOf({ network: { mtu } }: Nic): object {
  return mtu ? { mtu } : {};
}

/** The settings of a NIC without an IP address, for which the boot must not wait. */
const UNUSED = { dhcp4: false, optional: true };

/** Returns the source of a NIC's IP address. Only the boot NIC gets a default route, if its network has one. */
function addressOf({ network, ip }: Nic, boots: boolean): object {
  const { dhcp, subnet, gateway, dns, domain } = network;
  if (dhcp) return { dhcp4: true, ...(!boots && gateway && { 'dhcp4-overrides': { 'use-routes': false } }) };
  if (!ip) return UNUSED;
  const nameservers = {
    ...(domain && { search: [domain] }),
    ...(dns.length > 0 && { addresses: dns }),
  };
  return {
    dhcp4: false,
    addresses: [`${ip}/${subnet.prefix}`],
    // Every renderer supports this form; only netplan supports `default`.
    ...(boots && gateway && { routes: [{ to: '0.0.0.0/0', via: gateway }] }),
    ...(Object.keys(nameservers).length > 0 && { nameservers }),
  };
}
