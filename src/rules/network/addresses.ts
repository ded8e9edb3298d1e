import { isOwnDhcpServer } from '../../knowledge/boot-programs.ts';
import { foreignIscsiAddresses, iscsiAddresses } from '../../plan/iscsi-addresses.ts';
import { isUnknown } from '../../site/effective.ts';
import { interfaceMethod, managementNetwork } from '../../site/management.ts';
import type { Cluster, Network, Nic, Node, Site } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { isLikelyMisnamed, likelyNode } from '../../site/nodes.ts';
import { listed, namesOf } from '../../source/diagnostics/words.ts';
import {
  hasLocation,
  isBroken,
  keyLocationOf,
  lacks,
  locationOf,
  selfLocation,
} from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { removeKey, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { type Cidr, contains, ipv4Number, ipv4Text } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped } from '../../values/grouped.ts';
import { kernelWords, setsParameter } from '../../values/text.ts';
import { isAtLeast, isAtMost } from '../../values/version.ts';
import { addressAt, addressOwners, ownersOf } from '../machines/identity.ts';
import { hasNoBridge } from '../machines/vms.ts';
import { error, essential, nodesWith, per, warning } from '../rule.ts';
import { notOfHost } from '../support.ts';

export const addressRules = [
  essential('missing-address', {
    what: 'Every node must have an IP address on the network that it boots from, and on its management network.',
    why: 'The boot server serves a node its files by IP address. The IP address of a Harvester node must never change (harvester/harvester#1668).',
  }).check(nodesWith('bootNic').each, (node, report, site) => {
    const { bootNic, bond: [management = bootNic] = [] } = node;
    const nic = [bootNic, management].find((nic) => lacks(nic, 'ip'));
    // A NIC whose network is unknown may be the one with the IP address.
    const isKnown = nic === bootNic || node.nics?.every((one) => one?.network);
    if (!node.name || !nic || !isKnown) return;
    // The entry may be for a range whose own name is invalid.
    if (isBroken(site, 'nodes') && isLikelyMisnamed(node, site)) return;
    const likely = likelyNode(node, site);
    report(locationOf(node, 'name'), {
      message:
        nic === bootNic
          ? `${node.name} has no IP address on the network that it boots from: the boot server identifies a node by its IP address alone.`
          : `${node.name} has no IP address on its management network, ${nic.network?.name}: the installed node would have none that lasts.`,
      help: `${likely === undefined ? '' : `did you mean ${likely}? If not, `}add a permanent IP address to ${addressHolder(node, nic)}: \`ip: …\``,
    });
  }),
  error('address-outside-subnet', {
    what: 'The IP address of every NIC and BMC must be a host address in the subnet of its network.',
    why: 'A node with an IP address from another subnet cannot reach its gateway or the other nodes.',
  }).check(per.item(addressOwners), (owner, report) => {
    const { id: ip, what, network } = owner;
    if (!ip || !network) return;
    const outside = ({ text }: Cidr) =>
      `outside ${text}, the subnet of ${network.name}: it cannot reach the gateway or other nodes`;
    const found = notOfHost(network, ip, `The IP address ${ip} of ${what}`, outside);
    if (found)
      report(addressAt(owner), { ...found, help: `choose a free IP address in ${network.subnet?.text}` });
  }),
  error('address-of-infrastructure', {
    what: 'Nodes and BMCs must not use the IP address of a gateway, boot server, iSCSI server or libvirt host.',
    why: 'A node with the IP address of the gateway, boot server, iSCSI server or libvirt host disconnects every machine on the network.',
  }).check((site, report) => {
    const { server, nodes = [], networks = [] } = site;
    const foreign = foreignIscsiAddresses(nodes);
    const byNetwork = new Map(
      [undefined, ...networks].map((network) => {
        const { gateway, boot, libvirt, iscsi } = infrastructureOf(network, server);
        return [network, [...gateway, ...boot, ...libvirt, ...iscsi]];
      }),
    );
    for (const one of addressOwners(site)) {
      const { node, id: ip, what, network, bmcOf } = one;
      if (!ip) continue;
      // A machine with its own operating system can serve iSCSI targets to others.
      const other = !bmcOf && node.iscsi ? foreign.get(ip) : undefined;
      const owner = byNetwork.get(network)?.find(({ address }) => address === ip) ?? other;
      if (!owner) continue;
      report(addressAt(one), {
        node,
        message: `The IP address ${ip} of ${what} is also that of ${owner.whose}: every machine on the network loses its connection.`,
        related: [{ message: `the IP address of ${owner.whose} is set at`, at: owner.at }],
        help: `set an unused IP address for ${bmcOf ? 'the BMC' : node.name}`,
      });
    }
  }),
  error('address-in-dhcp-pool', {
    what: 'Reserved and static IP addresses of nodes and BMCs must be outside the DHCP pool of their network.',
    why: "The pool serves unknown machines: one of them can lease a node's IP address before the node requests it.",
  }).check((site, report) => {
    const inside = addressOwners(site).flatMap((owner) => {
      const { dhcp } = owner.network ?? {};
      return owner.id && dhcp?.pool && contains(dhcp.pool, owner.id) ? [[dhcp, owner] as const] : [];
    });
    for (const [dhcp, owners] of grouped(inside)) {
      const pool = dhcp.pool?.text;
      const isSilent = ({ node }: (typeof owners)[number]) => node?.silence?.['address-in-dhcp-pool'];
      const others = owners.filter((owner) => !isSilent(owner));
      // If many machines are in the pool, the pool is wrong.
      if (others.length > 2)
        report(locationOf(dhcp, 'pool'), {
          message: `The DHCP pool ${pool} contains the IP addresses of ${namesOf(others.map(({ what: name }) => ({ name })))}: DHCP can lease them to unknown machines.`,
          related: others.slice(0, 3).map((owner) => ({
            message: `the IP address of ${owner.what} is set at`,
            at: addressAt(owner),
          })),
          help: 'shrink the pool, or move them out of it',
          isCause: true,
        });
      for (const owner of others.length > 2 ? owners.filter(isSilent) : owners)
        report(addressAt(owner), {
          node: owner.node,
          message: `The IP address ${owner.id} of ${owner.what} is inside the DHCP pool ${pool}: DHCP can lease it to an unknown machine.`,
          related: [{ message: 'the pool is set at', at: locationOf(dhcp, 'pool') }],
          help: `move the ${owner.bmcOf ? 'BMC' : 'node'} out of the pool, or shrink the pool`,
        });
    }
  }),
  error('infrastructure-in-dhcp-pool', {
    what: 'The gateway, DNS servers, boot server, iSCSI servers and libvirt host must be outside every DHCP pool.',
    why: 'An unknown machine that leases the IP address of the gateway or boot server disconnects every machine.',
  }).check(per.network, (network, report, { nodes = [], server }) => {
    const { pool } = network.dhcp ?? {};
    if (!network.dhcp || !pool) return;
    const { gateway, dns, libvirt, boot, iscsi } = infrastructureOf(network, server);
    const foreign = foreignIscsiAddresses(nodes).values();
    const owners = [...gateway, ...dns, ...libvirt, ...boot, ...iscsi, ...foreign].reverse();
    // Reversed, so that the map keeps the first owner of an IP address.
    for (const [address, { whose, at }] of new Map(owners.map((one) => [one.address, one])))
      if (address && contains(pool, address))
        report(locationOf(network.dhcp, 'pool'), {
          message: `The IP address ${address} of ${whose} is inside the DHCP pool ${pool.text}: DHCP can lease it to an unknown machine.`,
          related: [{ message: `the IP address of ${whose} is set at`, at }],
          help: 'shrink the pool, or move it',
        });
  }),
  warning('linux-needs-address', {
    what: 'A Linux node on a network without DHCP must have its IP address in its kernel command line.',
    why: "Otherwise, the initrd gets no IP address and cannot download its root file system or cloud-init's data.",
  }).check(nodesWith('linux').eachOnce, (node, report) => {
    const { linux, bootNic } = node;
    const network = bootNic?.network;
    if (!linux.args || !network || !lacks(network, 'dhcp')) return;
    if (node.boot && isBroken(node.boot, 'args')) return;
    const words = linux.args.flatMap((arg) => kernelWords(arg ?? ''));
    if (words.some((word) => setsParameter(word, 'ip'))) return;
    report(node.boot ? keyLocationOf(node.boot, 'args') : locationOf(node, 'os'), {
      message: `${node.name} boots Linux on ${network.name} without DHCP, but boot.args sets no ip: the initrd has no network.`,
      related: [{ message: `${network.name} is defined at`, at: selfLocation(network as Network) }],
      help: `add "ip=\${node:ip}::\${node:gateway}:\${node:netmask}:\${node:name}:${bootNic?.name ? '${node:nic}' : ''}:none" (dracut) or your distribution's equivalent to boot.args; or, if the image sets its IP address, add silence: {linux-needs-address: "the reason"}`,
    });
  }),
  error('static-needs-default-route', {
    what: 'From v1.3.1 to v1.4.1, nodes with a static IP address must boot from a network with a DHCP server and a gateway.',
    why: 'The installer requires a default route before it applies the configuration and its gateway. It stops with "No default route found" (harvester/harvester#7280, fixed in v1.4.2).',
  }).check(nodesWith('bootNic').each, (node, report) => {
    const { network } = node.bootNic;
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || !node.cluster || !network || !release) return;
    // Another DHCP server may send a router that is not in the inventory. missing-gateway reports a network for both purposes.
    const hasNoRouter =
      isOwnDhcpServer(network.dhcp?.server) &&
      lacks(network, 'gateway') &&
      network !== managementNetwork(node);
    if (!withoutDhcp(node.bootNic) && !hasNoRouter) return;
    if (!isAtLeast(release, 'v1.3.1') || !isAtMost(release, 'v1.4.1')) return;
    // No installer runs on a node that is never installed.
    if (node.install === 'never' || isBroken(node, 'install')) return;
    if (isUnknown(node, 'install.management_interface.method')) return;
    if (interfaceMethod(node) !== 'static') return;
    report(locationOf(node.cluster, 'version'), {
      message: `The network ${network.name} has no ${hasNoRouter ? 'gateway' : 'DHCP server'}: the installer of ${release.text} stops with "No default route found" before it sets static IP addresses.`,
      related: [{ message: 'the network is defined at', at: selfLocation(network) }],
      help: `install v1.4.2 or newer, or add a ${hasNoRouter ? 'gateway' : 'DHCP server'} to ${network.name}`,
    });
  }),
  error('static-needs-dns', {
    what: 'A node with a static IP address must have DNS servers.',
    why: 'The installer stops with "DNS servers are required for static IP address" (harvester/harvester#1412).',
  }).check(({ nodes = [] }, report) => {
    const lacking = nodes.flatMap((node) => {
      const network = node && managementNetwork(node);
      if (node?.os !== 'harvester' || !network || interfaceMethod(node) !== 'static') return [];
      if (node.userConfig?.os?.dns_nameservers?.length || isUnknown(node, 'os.dns_nameservers')) return [];
      if (network.dns?.length !== 0 || isBroken(network, 'dns') || isBroken(network, 'dhcp')) return [];
      return [[network, node] as const];
    });
    for (const [network, nodes] of grouped(lacking)) {
      const [first, another] = nodes;
      report(selfLocation(network), {
        message: `The network ${network.name} has no DNS servers, but ${namesOf(nodes)} ${another ? 'have' : 'has'} a static IP address on it: the installer stops.`,
        related: [{ message: `${first.name} is defined at`, at: locationOf(first, 'name') }],
        help: `add dns to the network ${network.name}`,
      });
    }
  }),
  essential('static-needs-nic-name', {
    what: 'Without DHCP, the boot NIC of a Harvester node must have a name.',
    why: "The installer's initrd gets its IP address from the kernel command line, which identifies the NIC by name.",
  }).check(nodesWith('bootNic', withoutDhcp).each, (node, report) => {
    const { bootNic } = node;
    if (node.os !== 'harvester' || !lacks(bootNic, 'name')) return;
    // OCI always has DHCP; oci-dhcp reports an inventory without it.
    if (node.oci && !node.domain) return;
    // vm-without-bridge reports a network of virtual machines without the DHCP server of libvirt.
    if (node.domain && bootNic.network && hasNoBridge(bootNic.network)) return;
    report(bootNic.mac ? locationOf(bootNic, 'mac') : selfLocation(bootNic), {
      message: `${node.name} boots from ${bootNic.network?.name}, which has no DHCP, but its NIC has no name: the kernel command line cannot assign the IP address.`,
      help: helpFor(node, bootNic),
    });
  }),
  error('vip-taken', {
    what: 'The VIP must be unique among nodes, gateways, DNS, boot and iSCSI servers, libvirt hosts and other clusters.',
    why: 'If another machine has the VIP, the cluster cannot start; only the interactive installer detects this (harvester/harvester#2229).',
  }).check((site, report) => {
    const { clusters = [] } = site;
    const known = clusters.flatMap((cluster) => (cluster?.vip ? [[cluster.vip, cluster] as const] : []));
    const byVip = grouped(known);
    const owners = takenAddresses(site, new Set(byVip.keys()));
    for (const [vip, same] of byVip) {
      const cluster = same.at(-1) as Draft<Cluster>;
      const others = same.slice(0, -1).map((one) => ({
        what: `the cluster ${one.name}`,
        at: locationOf(one, 'vip'),
      }));
      const all = [...(owners.get(vip) ?? []), ...others];
      if (all.length === 0) continue;
      report(locationOf(cluster, 'vip'), {
        message: `The VIP ${vip} is already the IP address of ${listed(all.map(({ what }) => what))}: the cluster cannot start.`,
        related: all.map(({ what, at }) => ({ message: `the IP address of ${what} is set at`, at })),
        help: "set the VIP to a free IP address in the nodes' subnet",
      });
    }
  }),
  error('vip-outside-subnet', {
    what: 'The VIP must be in the management subnet of every member.',
    why: "The VIP is announced by ARP, which does not leave the nodes' subnet (harvester/harvester#7093).",
  }).check(per.cluster, (cluster, report) => {
    if (!cluster.vip) return;
    const { vip, name, members = [] } = cluster;
    const networks = managementNetworks(members);
    const outside = ({ text }: Cidr) =>
      `outside ${text}, the subnet of the nodes of ${name}: no host receives its ARP announcements`;
    // members-in-different-networks reports members on several networks.
    for (const network of networks.size === 1 ? networks : []) {
      const finding = notOfHost(network, vip, `The VIP ${vip}`, outside);
      const help = `choose a free IP address in ${network.subnet?.text}`;
      if (finding) report(locationOf(cluster, 'vip'), { ...finding, help });
    }
  }),
  error('vip-in-dhcp-pool', {
    what: 'The VIP must be outside every DHCP pool.',
    why: 'DHCP can lease the VIP to an unknown machine; the cluster then loses its address (harvester/harvester#6941).',
  }).check(per.cluster, (cluster, report, { networks = [] }) => {
    const { vip } = cluster;
    for (const network of networks) {
      const { dhcp } = network ?? {};
      if (!vip || !dhcp?.pool || !contains(dhcp.pool, vip)) continue;
      const before = ipv4Text((ipv4Number(vip) ?? 0) - 1);
      report(locationOf(cluster, 'vip'), {
        message: `The VIP ${vip} is inside the DHCP pool ${dhcp.pool.text}: DHCP can lease it to another machine.`,
        related: [{ message: 'the pool is set at', at: locationOf(dhcp, 'pool') }],
        fix: contains(dhcp.pool, before)
          ? suggestedFix(setKey(dhcp, 'pool', dhcp.pool.text.replace(/-.*/, `-${before}`)))
          : undefined,
        help: contains(dhcp.pool, before)
          ? `end the pool at ${before}, or move the VIP`
          : 'move the pool or the VIP',
      });
    }
  }),
  error('vip-by-dhcp', {
    what: 'A VIP by DHCP must have the MAC address of its reservation; a static VIP must have none.',
    why: 'If only one of VIP and MAC address is set, the installer replaces both: DHCP leases a VIP to a random MAC address.',
  }).check(per.cluster, (cluster, report) => {
    if (!cluster.vipMode || isBroken(cluster, 'vipMode')) return;
    if (cluster.vipMode === 'dhcp' && lacks(cluster, 'vipHwAddr'))
      report(locationOf(cluster, 'vipMode'), {
        message: `The VIP of ${cluster.name} uses DHCP but has no MAC address: DHCP cannot reserve it.`,
        fix: suggestedFix(setKey(cluster, 'vipMode', 'static')),
        help: 'add vip_hw_addr with a MAC address that no NIC has, such as 02:00:00:03:3d:61; or set vip_mode: static',
      });
    const networks = [...managementNetworks(cluster.members ?? [])];
    if (cluster.vipMode === 'dhcp' && networks.some((network) => lacks(network, 'dhcp')))
      report(locationOf(cluster, 'vipMode'), {
        message: `The VIP of ${cluster.name} uses DHCP, but its nodes' network has no DHCP server.`,
        fix: suggestedFix(
          setKey(cluster, 'vipMode', 'static'),
          ...(cluster.vipHwAddr === undefined ? [] : [removeKey(cluster, 'vipHwAddr')]),
        ),
        help: 'set vip_mode: static',
      });
    if (cluster.vipMode === 'static' && cluster.vipHwAddr !== undefined)
      report(locationOf(cluster, 'vipHwAddr'), {
        message: `The VIP of ${cluster.name} is static, so vip_hw_addr has no effect.`,
        fix: suggestedFix(removeKey(cluster, 'vipHwAddr')),
        help: 'remove vip_hw_addr, or set vip_mode: dhcp',
      });
  }),
  warning('vip-mode-dhcp', {
    what: 'The VIP of a cluster must be static.',
    why: 'The VIP must never change. If a DHCP server loses the reservation or does not respond, the cluster loses its IP address and its nodes cannot reach it (harvester/harvester#6941, #4290).',
  }).check(per.cluster, (cluster, report) => {
    if (cluster.vipMode !== 'dhcp') return;
    report(locationOf(cluster, 'vipMode'), {
      message: `The VIP of ${cluster.name} uses DHCP: if the server leases another IP address or none, the cluster is unreachable.`,
      fix: suggestedFix(
        removeKey(cluster, 'vipMode'),
        ...(cluster.vipHwAddr === undefined ? [] : [removeKey(cluster, 'vipHwAddr')]),
      ),
      help: 'remove vip_mode and vip_hw_addr: the VIP is then static and needs no DHCP server',
    });
  }),
];

function managementNetworks(members: readonly (Draft<Node> | undefined)[]): Set<Draft<Network>> {
  return new Set(members.flatMap((node) => (node && managementNetwork(node)) ?? []));
}

/** Returns what a help adds the IP address to: the NIC if the node lists NICs, otherwise the node. */
function addressHolder(node: Draft<Node>, nic: Draft<Nic>): string {
  const index = node.nics ? node.nics.indexOf(nic) : -1;
  return hasLocation(node, 'nics') && index >= 0 ? `nics[${index}]` : 'the node';
}

/** Returns the IP addresses that machines of a network depend on, by type of owner. */
export function infrastructureOf(network: Draft<Network> | undefined, server: Draft<Server> | undefined) {
  const { name, gateway, libvirt, dns = [] } = network ?? {};
  const owner = (address: string | undefined, whose: string, at: SourceLocation) => ({ address, whose, at });
  return {
    gateway: network ? [owner(gateway, `the gateway of ${name}`, locationOf(network, 'gateway'))] : [],
    dns: network
      ? dns.map((address) => owner(address, `a DNS server of ${name}`, locationOf(network, 'dns')))
      : [],
    libvirt: libvirt ? [owner(libvirt.address, `the host on ${name}`, locationOf(libvirt, 'address'))] : [],
    boot: [
      ...(server ? [owner(server.host, 'the boot server', locationOf(server, 'url'))] : []),
      ...(network
        ? [owner(network.bootServer, `the boot server on ${name}`, locationOf(network, 'bootServer'))]
        : []),
    ],
    iscsi: [...iscsiAddresses(network, server)],
  };
}

function withoutDhcp({ network }: Draft<Nic>): boolean {
  return network !== undefined && lacks(network, 'dhcp');
}

/** Returns what to write. The short form cannot contain a name. */
function helpFor(node: Draft<Node>, { mac, ip }: Draft<Nic>): string {
  if (hasLocation(node, 'nics')) return 'add the name next to the IP address: `name: eno1`';
  const moved = [...(mac === undefined ? [] : [`mac: ${mac}`]), ...(ip === undefined ? [] : [`ip: ${ip}`])];
  const keys = moved.map((key) => key.slice(0, key.indexOf(':'))).join(' and ');
  return `list the NIC under nics with its name${keys ? `, and move ${keys} there` : ''}: \`nics: [{${['name: eno1', ...moved].join(', ')}}]\``;
}

/** Returns the owners of a site's IP addresses; for machines, only those of the wanted IP addresses. */
function takenAddresses(site: Draft<Site>, wanted: ReadonlySet<string>) {
  const { networks = [], server } = site;
  const infrastructure = networks.flatMap((network) => {
    const { gateway, libvirt, dns, iscsi, boot } = infrastructureOf(network, server);
    return network ? [...gateway, ...libvirt, ...dns, ...iscsi, ...boot] : [];
  });
  const others = [...infrastructure, ...infrastructureOf(undefined, server).boot];
  const all = [...ownersOf(site, wanted), ...others.map(({ whose, ...one }) => ({ ...one, what: whose }))];
  // Reversed, so that the map keeps the first owner of an IP address.
  return new Map(all.reverse().map(({ address, what, at }) => [address, [{ what, at }]]));
}
