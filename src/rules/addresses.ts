import { interfaceMethod } from '../site/derive-config.ts';
import { isUnknown } from '../site/effective.ts';
import { foreignIscsiAddresses, iscsiAddresses } from '../site/iscsi.ts';
import type { Network, Nic, Node, Site } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { isLikelyMisnamed, likelyNode } from '../site/nodes.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { hasLocation, isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { type Cidr, contains, ipv4Number, ipv4Text } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { kernelWords, setsParameter } from '../values/text.ts';
import { isAtLeast, isAtMost } from '../values/version.ts';
import { addressOwners, ownersOf } from './identity.ts';
import { error, essential, warning } from './rule.ts';
import { grouped, nodesWhose, notOfHost, perCluster, perItem, perNetwork } from './support.ts';

export const missingAddress = essential('missing-address', {
  what: 'A node has an address on the network that it boots from.',
  why: 'The boot server hands a node its files by its address, and that of a Harvester node must never change (harvester/harvester#1668).',
  check: nodesWhose('bootNic', (nic) => lacks(nic, 'ip')).each((node, report, site) => {
    if (!node.name) return;
    // The range that it is to lie over may be the one whose name cannot be read.
    if (isBroken(site, 'nodes') && isLikelyMisnamed(node, site)) return;
    const meant = likelyNode(node, site);
    report({
      message: `${node.name} has no address on the network that it boots from: the boot server hands a node's files to its address alone.`,
      at: locationOf(node, 'name'),
      help: `${meant === undefined ? '' : `did you mean ${meant}? Else `}give ${whose(node)} one that is its own for ever: \`ip: …\``,
    });
  }),
});

/** Whose the address is, in a help: the node's, in the short form; else that of the NIC that it boots from. */
function whose(node: Draft<Node>): string {
  const place = node.bootNic && node.nics ? node.nics.indexOf(node.bootNic) : -1;
  return hasLocation(node, 'nics') && place >= 0 ? `nics[${place}]` : 'it';
}

export const addressOutsideSubnet = error('address-outside-subnet', {
  what: "A NIC's address belongs to its network, and is one that a host can have; so is a management controller's.",
  why: 'A node with an address of another subnet reaches neither its gateway nor the other nodes.',
  check: perItem(addressOwners, ({ id: ip, what, at, network }, report) => {
    if (!ip || !network) return;
    const outside = (subnet: Cidr) =>
      `outside ${subnet.text}, the subnet of ${network.name}: it would reach no gateway and no other node`;
    const fault = notOfHost(network, ip, `The address ${ip} of ${what}`, outside);
    if (fault) report({ ...fault, at: at(), help: `choose a free address of ${network.subnet?.text}` });
  }),
});

export const addressOfInfrastructure = error('address-of-infrastructure', {
  what: 'No node, nor its management controller, has the address of its gateway, of the boot server, of an iSCSI server or of the libvirt host.',
  why: 'A node that takes the address of the gateway, of the boot server, of the iSCSI server or of the host cuts every machine of the network off.',
  check(site, report) {
    const { server, nodes = [], networks = [] } = site;
    const foreign = foreignIscsiAddresses(nodes);
    const byNetwork = new Map(
      [undefined, ...networks].map((network) => {
        const { gateway, boot, libvirt, iscsi } = infrastructureOf(network, server);
        return [network, [...gateway, ...boot, ...libvirt, ...iscsi]];
      }),
    );
    for (const { node, id: ip, what, at, network, bmcOf } of addressOwners(site)) {
      if (!ip) continue;
      // A machine with a system of its own may serve targets to others.
      const other = !bmcOf && node.iscsi ? foreign.get(ip) : undefined;
      const owner = byNetwork.get(network)?.find(({ address }) => address === ip) ?? other;
      if (!owner) continue;
      report({
        node,
        message: `The address ${ip} of ${what} is that of ${owner.whose}: every machine of the network would be cut off.`,
        at: at(),
        related: [{ message: `${owner.whose} has it at`, at: owner.at }],
        help: `give ${bmcOf ? 'the management controller' : node.name} an address of its own`,
      });
    }
  },
});

export const addressInDhcpPool = error('address-in-dhcp-pool', {
  what: "Reserved and static addresses, management controllers' included, lie outside of their network's pool.",
  why: "The pool is for strangers: one of them can have a node's address before the node asks for it.",
  check: perItem(addressOwners, ({ id: ip, what, at, network, bmcOf }, report) => {
    const { dhcp } = network ?? {};
    if (!ip || !dhcp?.pool || !contains(dhcp.pool, ip)) return;
    report({
      message: `The address ${ip} of ${what} is inside the DHCP pool ${dhcp.pool.text}: a stranger can be given it.`,
      at: at(),
      related: [{ message: 'the pool is set at', at: locationOf(dhcp, 'pool') }],
      help: `move the ${bmcOf ? 'management controller' : 'node'} out of the pool, or make the pool smaller`,
    });
  }),
});

export const infrastructureInDhcpPool = error('infrastructure-in-dhcp-pool', {
  what: 'The gateway, the DNS servers, the boot server, iSCSI servers and the libvirt host lie outside every DHCP pool.',
  why: 'A stranger that is given the address of the gateway or of the boot server cuts every machine off.',
  check: perNetwork((network, report, { nodes = [], server }) => {
    const { pool } = network.dhcp ?? {};
    if (!network.dhcp || !pool) return;
    const { gateway, dns, libvirt, boot, iscsi } = infrastructureOf(network, server);
    const foreign = foreignIscsiAddresses(nodes).values();
    const owners = [...gateway, ...dns, ...libvirt, ...boot, ...iscsi, ...foreign].reverse();
    // Of an address that several of them have, the first is reported.
    for (const [address, { whose, at }] of new Map(owners.map((one) => [one.address, one]))) {
      if (!address || !contains(pool, address)) continue;
      report({
        message: `The address ${address} of ${whose} is inside the DHCP pool ${pool.text}: a stranger can be given it.`,
        at: locationOf(network.dhcp, 'pool'),
        related: [{ message: `${whose} has it at`, at }],
        help: 'make the pool smaller, or move it',
      });
    }
  }),
});

/** Returns the addresses that machines of a network depend on, by what has them. */
export function infrastructureOf(network: Draft<Network> | undefined, server: Draft<Server> | undefined) {
  const { name, gateway, libvirt, dns = [] } = network ?? {};
  const owner = (address: string | undefined, whose: string, at: SourceLocation) => ({ address, whose, at });
  return {
    gateway: network ? [owner(gateway, `the gateway of ${name}`, locationOf(network, 'gateway'))] : [],
    dns: network
      ? dns.map((address) => owner(address, `a DNS server of ${name}`, locationOf(network, 'dns')))
      : [],
    libvirt: libvirt ? [owner(libvirt.address, `the host on ${name}`, locationOf(libvirt, 'address'))] : [],
    boot: server ? [owner(server.host, 'the boot server', locationOf(server, 'url'))] : [],
    iscsi: [...iscsiAddresses(network, server)],
  };
}

export const linuxNeedsAddress = warning('linux-needs-address', {
  what: 'A node that boots Linux on a network without DHCP has its address on the kernel line.',
  why: "The initrd would ask for an address that nobody gives, and fetch neither its root file system nor cloud-init's data.",
  check: nodesWhose('linux').eachOnce((node, report) => {
    const { linux, bootNic } = node;
    const network = bootNic?.network;
    if (!linux.args || !network || !lacks(network, 'dhcp')) return;
    if (node.boot && isBroken(node.boot, 'args')) return;
    const words = linux.args.flatMap((arg) => kernelWords(arg ?? ''));
    if (words.some((word) => setsParameter(word, 'ip'))) return;
    report({
      message: `${node.name} boots Linux on ${network.name}, which has no DHCP, and is not told its address.`,
      at: node.boot ? keyLocationOf(node.boot, 'args') : locationOf(node, 'os'),
      related: [{ message: `${network.name} is defined at`, at: selfLocation(network as Network) }],
      help: `add to boot.args what dracut reads, "ip=\${node:ip}::\${node:gateway}:\${node:netmask}:\${node:name}:${bootNic?.name ? '${node:nic}' : ''}:none", or as the distribution has it; silence this where the image knows its address`,
    });
  }),
});

export const staticNeedsDefaultRoute = error('static-needs-default-route', {
  what: 'From v1.3.1 to v1.4.1, nodes with a static address boot from a network with a DHCP server.',
  why: 'The installer of these releases looks for a default route before it applies the configuration, whatever gateway that gives, and stops with "No default route found" (harvester/harvester#7280, mended in v1.4.2).',
  check: nodesWhose('bootNic', withoutDhcp).each((node, report) => {
    const { network } = node.bootNic;
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || !node.cluster || !network || !release) return;
    if (!isAtLeast(release, 'v1.3.1') || !isAtMost(release, 'v1.4.1')) return;
    // No installer runs on a node that is never installed.
    if (node.install === 'never' || isBroken(node, 'install')) return;
    if (isUnknown(node, 'install.management_interface.method')) return;
    if (interfaceMethod(node) !== 'static') return;
    report({
      message: `The network ${network.name} has no DHCP server, and the installer of ${release.text} looks for a default route before it sets static addresses: it stops with "No default route found".`,
      at: locationOf(node.cluster, 'version'),
      related: [{ message: 'the network is at', at: selfLocation(network) }],
      help: `install v1.4.2 or newer, or give ${network.name} a DHCP server`,
    });
  }),
});

/** Whether a NIC is on a network that is known to have no DHCP server. */
function withoutDhcp({ network }: Draft<Nic>): boolean {
  return network !== undefined && lacks(network, 'dhcp');
}

export const staticNeedsDns = error('static-needs-dns', {
  what: 'A node with a static address has DNS servers.',
  why: 'The installer stops with "DNS servers are required for static IP address" (harvester/harvester#1412).',
  check({ nodes = [] }, report) {
    const lacking = nodes.flatMap((node) => {
      const network = node?.bootNic?.network;
      if (node?.os !== 'harvester' || !network || interfaceMethod(node) !== 'static') return [];
      if (node.userConfig?.os?.dns_nameservers?.length || isUnknown(node, 'os.dns_nameservers')) return [];
      if (network.dns?.length !== 0 || isBroken(network, 'dns') || isBroken(network, 'dhcp')) return [];
      return [[network, node] as const];
    });
    for (const [network, nodes] of grouped(lacking)) {
      const [first, another] = nodes;
      report({
        message: `The network ${network.name} has no DNS servers, and ${namesOf(nodes)} ${another ? 'have' : 'has'} a static address on it: the installer would stop.`,
        at: selfLocation(network),
        related: [{ message: `${first.name} is at`, at: locationOf(first, 'name') }],
        help: `add dns to the network ${network.name}`,
      });
    }
  },
});

export const staticNeedsNicName = essential('static-needs-nic-name', {
  what: 'Without DHCP, the NIC that a Harvester node boots from has a name.',
  why: "The installer's initrd gets its address on the kernel line, which names the NIC.",
  check: nodesWhose('bootNic', withoutDhcp).each((node, report) => {
    const { bootNic } = node;
    if (node.os !== 'harvester' || !lacks(bootNic, 'name')) return;
    // On OCI there is always DHCP: that none is said is what oci-dhcp reports.
    if (node.oci && !node.domain) return;
    report({
      message: `${node.name} boots from ${bootNic.network?.name}, which has no DHCP, and the name of its NIC is not known: the installer could not be told which one gets the address.`,
      at: bootNic.mac ? locationOf(bootNic, 'mac') : selfLocation(bootNic),
      help: helpFor(node, bootNic),
    });
  }),
});

/** What to write: the short form has no room for a name. */
function helpFor(node: Draft<Node>, { mac, ip }: Draft<Nic>): string {
  if (hasLocation(node, 'nics')) return 'say it beside its address: `name: eno1`';
  const moved = [...(mac === undefined ? [] : [`mac: ${mac}`]), ...(ip === undefined ? [] : [`ip: ${ip}`])];
  const keys = moved.map((key) => key.slice(0, key.indexOf(':'))).join(' and ');
  return `list the NIC under nics with its name${keys ? `, where ${keys} then stand${moved.length > 1 ? '' : 's'}` : ''}: \`nics: [{${['name: eno1', ...moved].join(', ')}}]\``;
}

export const vipTaken = error('vip-taken', {
  what: "The VIP is nobody else's address: no node's, gateway's, DNS server's, boot server's, iSCSI server's, libvirt host's or other cluster's.",
  why: 'With the VIP on another machine the cluster cannot come up; only the interactive installer notices (harvester/harvester#2229).',
  check(site, report) {
    const { clusters = [] } = site;
    const owners = takenAddresses(site, new Set(clusters.flatMap((cluster) => cluster?.vip ?? [])));
    for (const cluster of clusters) {
      if (!cluster?.vip) continue;
      const owner = owners.get(cluster.vip);
      if (owner) {
        report({
          message: `The VIP ${cluster.vip} is already the address of ${owner.what}: the cluster could not come up.`,
          at: locationOf(cluster, 'vip'),
          related: [{ message: `${owner.what} has it at`, at: owner.at }],
          help: "give the VIP a free address of the nodes' subnet",
        });
      } else {
        owners.set(cluster.vip, { what: `the cluster ${cluster.name}`, at: locationOf(cluster, 'vip') });
      }
    }
  },
});

/** Returns the owners of a site's addresses, of its machines' only the wanted ones. */
function takenAddresses(site: Draft<Site>, wanted: ReadonlySet<string>) {
  const { networks = [], server } = site;
  const infrastructure = networks.flatMap((network) => {
    const { gateway, libvirt, dns, iscsi } = infrastructureOf(network, server);
    return network ? [...gateway, ...libvirt, ...dns, ...iscsi] : [];
  });
  const others = [...infrastructure, ...infrastructureOf(undefined, server).boot];
  const all = [...ownersOf(site, wanted), ...others.map(({ whose, ...one }) => ({ ...one, what: whose }))];
  // The first owner of an address is set last, and stays.
  return new Map(all.reverse().map(({ address, what, at }) => [address, { what, at }]));
}

export const vipOutsideSubnet = error('vip-outside-subnet', {
  what: 'The VIP lies in the management subnet of every member.',
  why: "The VIP is announced by ARP: outside of the nodes' own subnet nobody hears it (harvester/harvester#7093).",
  check: perCluster((cluster, report) => {
    if (!cluster.vip) return;
    const { vip, name, members = [] } = cluster;
    const networks = new Set<Draft<Network>>(members.flatMap((node) => node?.bootNic?.network ?? []));
    const outside = ({ text }: Cidr) =>
      `outside ${text}, the subnet of the nodes of ${name}: nobody would hear it announced`;
    // Members of several networks are a fault of their own.
    for (const network of networks.size === 1 ? networks : []) {
      const fault = notOfHost(network, vip, `The VIP ${vip}`, outside);
      const help = `choose a free address of ${network.subnet?.text}`;
      if (fault) report({ ...fault, at: locationOf(cluster, 'vip'), help });
    }
  }),
});

export const vipInDhcpPool = error('vip-in-dhcp-pool', {
  what: 'The VIP lies outside every DHCP pool.',
  why: 'DHCP can give the VIP to a stranger; the cluster then loses its address (harvester/harvester#6941).',
  check: perCluster((cluster, report, { networks = [] }) => {
    const { vip } = cluster;
    for (const network of networks) {
      const { dhcp } = network ?? {};
      if (!vip || !dhcp?.pool || !contains(dhcp.pool, vip)) continue;
      const before = ipv4Text((ipv4Number(vip) ?? 0) - 1);
      report({
        message: `The VIP ${vip} is inside the DHCP pool ${dhcp.pool.text}: another machine can be given it.`,
        at: locationOf(cluster, 'vip'),
        related: [{ message: 'the pool is set at', at: locationOf(dhcp, 'pool') }],
        help: contains(dhcp.pool, before)
          ? `end the pool at ${before}, or move the VIP`
          : 'move the pool, or the VIP',
      });
    }
  }),
});

export const vipByDhcp = error('vip-by-dhcp', {
  what: 'A VIP by DHCP has a MAC address that it is reserved for; a static one has none.',
  why: 'With only one of VIP and MAC the installer replaces both by what DHCP gives to a random MAC.',
  check: perCluster((cluster, report) => {
    if (!cluster.vipMode || isBroken(cluster, 'vipMode')) return;
    if (cluster.vipMode === 'dhcp' && lacks(cluster, 'vipHwAddr')) {
      report({
        message: `The VIP of ${cluster.name} is had by DHCP, and no MAC address says for whom it is reserved.`,
        at: locationOf(cluster, 'vipMode'),
        help: 'add vip_hw_addr: a MAC address that no NIC has, such as 02:00:00:03:3d:61; or use vip_mode: static',
      });
    }
    const networks = (cluster.members ?? []).flatMap((node) => node?.bootNic?.network ?? []);
    if (cluster.vipMode === 'dhcp' && networks.some((network) => lacks(network, 'dhcp'))) {
      report({
        message: `The VIP of ${cluster.name} is had by DHCP, and the network of its nodes has no DHCP server.`,
        at: locationOf(cluster, 'vipMode'),
        help: 'use vip_mode: static',
      });
    }
    if (cluster.vipMode === 'static' && cluster.vipHwAddr !== undefined) {
      report({
        message: `The VIP of ${cluster.name} is static, so vip_hw_addr has no effect.`,
        at: locationOf(cluster, 'vipHwAddr'),
        help: 'remove vip_hw_addr, or say vip_mode: dhcp',
      });
    }
  }),
});

export const vipModeDhcp = warning('vip-mode-dhcp', {
  what: 'The VIP of a cluster is static.',
  why: 'The VIP must never change: where a DHCP server loses the reservation or does not answer, the cluster loses its address, and nodes their way to it (harvester/harvester#6941, #4290).',
  check: perCluster((cluster, report) => {
    if (cluster.vipMode !== 'dhcp') return;
    report({
      message: `The VIP of ${cluster.name} is had by DHCP: if the server ever gives another address, or none, the cluster cannot be reached.`,
      at: locationOf(cluster, 'vipMode'),
      help: 'remove vip_mode and vip_hw_addr: the VIP is static then, and needs no DHCP server',
    });
  }),
});
