import type { CloudInit, Network, Nic, Node } from '../../site/model.ts';

/** Roots that the running system reads over the network: it would stand still without its link. */
const NETWORK_ROOT =
  /^root=(?:\/dev\/nfs|nfs4?:|nbd:|iscsi:|netroot|\d+\.\d+\.\d+\.\d+:)|^(?:netroot|nfsroot)=/;

/**
 * Gives the network configuration of a node, of version 2: what the inventory says, else what follows from its NICs, by their
 * MACs. Undefined where no NIC is known by a MAC or a name. Source: cloud-init, doc/rtd/reference/network-config-format-v2.rst.
 */
export function networkConfigOf(node: Node, { networkConfig }: CloudInit): object | undefined {
  if (networkConfig) return networkConfig;
  const ethernets = node.nics.flatMap((nic, index) => {
    const name = nic.name ?? (nic.mac && `nic${index}`);
    return name ? [[name, ethernetOf(node, nic)] as const] : [];
  });
  return ethernets.length > 0 ? { version: 2, ethernets: Object.fromEntries(ethernets) } : undefined;
}

function ethernetOf(node: Node, nic: Nic): object {
  const { network, ip, mac, name } = nic;
  const boots = nic === node.bootNic;
  return {
    ...(mac && { match: { macaddress: mac } }),
    ...(mac && name && { 'set-name': name }),
    ...(network.mtu && { mtu: network.mtu }),
    ...(boots && node.linux?.args.some((arg) => NETWORK_ROOT.test(arg)) && { critical: true }),
    ...(network.dhcp ? byDhcp(network, boots) : ip ? byHand(network, ip, boots) : UNUSED),
  };
}

/** A NIC without an address is no reason to wait. */
const UNUSED = { dhcp4: false, optional: true };

/** Only the NIC that boots has the way out; where a network has none, no route comes of it. */
function byDhcp({ gateway }: Network, boots: boolean): object {
  return { dhcp4: true, ...(!boots && gateway && { 'dhcp4-overrides': { 'use-routes': false } }) };
}

function byHand({ subnet, gateway, dns, domain }: Network, ip: string, boots: boolean): object {
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
