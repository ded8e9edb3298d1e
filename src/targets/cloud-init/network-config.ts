import type { CloudInit, Nic, Node } from '../../site/model.ts';
import { kernelWords } from '../../values/text.ts';

/** Roots that the running system reads over the network: it would stand still without its link. */
const NETWORK_ROOT =
  /^root=(?:\/dev\/nfs|nfs4?:|nbd:|iscsi:|netroot|\d+\.\d+\.\d+\.\d+:)|^(?:netroot|nfsroot)=/;

/** The longest name of a network interface: IFNAMSIZ of Linux, less the zero byte at its end. */
const LONGEST_NAME = 15;

/**
 * Gives the network configuration of a node, of version 2: what the inventory says, else what follows from its NICs, by their
 * MACs. The NIC that boots does so untagged, whatever its network is to an installed node, and stays so: its link carries
 * what the node has booted from. Undefined where no NIC is known by a MAC or a name.
 * Source: cloud-init, doc/rtd/reference/network-config-format-v2.rst.
 */
export function networkConfigOf(node: Node, { networkConfig }: CloudInit): object | undefined {
  if (networkConfig) return networkConfig;
  const ethernets: [string, object][] = [];
  const vlans: [string, object][] = [];
  for (const [index, nic] of node.nics.entries()) {
    const link = nic.name ?? (nic.mac && `nic${index}`);
    if (!link) continue;
    const isSpare = nic !== node.bootNic && node.bond.includes(nic);
    // The VLAN that it has its address in, if it has one and is in any.
    const { vlan, dhcp } = nic.network;
    const tag = !isSpare && nic !== node.bootNic && (dhcp || nic.ip) ? vlan : undefined;
    // The reservation is one for all NICs there: two that ask would have the same address.
    const address = isSpare ? UNUSED : addressOf(nic, nic === node.bootNic);
    ethernets.push([link, { ...ethernetOf(node, nic), ...(tag ? { dhcp4: false } : address) }]);
    if (tag) vlans.push([vlanName(link, tag, index), { id: tag, link, ...mtuOf(nic), ...address }]);
  }
  if (ethernets.length === 0) return undefined;
  return {
    version: 2,
    ethernets: Object.fromEntries(ethernets),
    ...(vlans.length > 0 && { vlans: Object.fromEntries(vlans) }),
  };
}

/** As people call it, where that is not too long. It ends in the tag, since what reads sysconfig's files learns it from there. */
function vlanName(link: string, tag: number, index: number): string {
  const usual = `${link}.${tag}`;
  return usual.length <= LONGEST_NAME ? usual : `nic${index}.${tag}`;
}

function ethernetOf(node: Node, nic: Nic): object {
  const { mac, name } = nic;
  const boots = nic === node.bootNic;
  return {
    ...(mac && { match: { macaddress: mac } }),
    ...(mac && name && { 'set-name': name }),
    ...mtuOf(nic),
    ...(boots &&
      node.linux?.args.flatMap(kernelWords).some((word) => NETWORK_ROOT.test(word)) && { critical: true }),
  };
}

function mtuOf({ network: { mtu } }: Nic): object {
  return mtu ? { mtu } : {};
}

/** A NIC without an address is no reason to wait. */
const UNUSED = { dhcp4: false, optional: true };

/** How a NIC comes by its address, or that it has none. Only the NIC that boots has the way out, where its network has one. */
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
    // As every renderer reads it; netplan would take `default`, too.
    ...(boots && gateway && { routes: [{ to: '0.0.0.0/0', via: gateway }] }),
    ...(Object.keys(nameservers).length > 0 && { nameservers }),
  };
}
