import type { Network, Site } from '../site/model.ts';
import { isBroken, lacks, placeOf } from '../source/origin.ts';
import { contains, ipv4Number, ipv4Text, isHostAddress, specialAddress } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { infrastructureOf } from './addresses.ts';
import { ownersOf } from './identity.ts';
import type { Rule } from './rule.ts';
import { perCluster } from './support.ts';

export const vipTaken: Rule = {
  code: 'vip-taken',
  severity: 'error',
  what: "The VIP is nobody else's address: no node's, gateway's, DNS server's, boot server's, iSCSI server's, libvirt host's or other cluster's.",
  why: 'With the VIP on another machine the cluster cannot come up; only the interactive installer notices (harvester/harvester#2229).',
  check(site, report) {
    const { clusters = [] } = site;
    const owners = addressOwners(site, new Set(clusters.flatMap((cluster) => cluster?.vip ?? [])));
    for (const cluster of clusters) {
      if (!cluster?.vip) continue;
      const owner = owners.get(cluster.vip);
      if (owner) {
        report({
          message: `The VIP ${cluster.vip} is already the address of ${owner.what}: the cluster could not come up.`,
          at: placeOf(cluster, 'vip'),
          related: [{ message: `${owner.what} has it at`, at: owner.at }],
          help: "give the VIP a free address of the nodes' subnet",
        });
      } else {
        owners.set(cluster.vip, { what: `the cluster ${cluster.name}`, at: placeOf(cluster, 'vip') });
      }
    }
  },
};

/** Returns the owners of a site's addresses, of its machines' only the wanted ones. */
function addressOwners(site: Draft<Site>, wanted: ReadonlySet<string>) {
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

export const vipOutsideSubnet: Rule = {
  code: 'vip-outside-subnet',
  severity: 'error',
  what: 'The VIP lies in the management subnet of every member.',
  why: "The VIP is announced by ARP: outside of the nodes' own subnet nobody hears it (harvester/harvester#7093).",
  check: perCluster((cluster, report) => {
    if (!cluster.vip) return;
    const { vip, members = [] } = cluster;
    const networks = new Set<Draft<Network>>(members.flatMap((node) => node?.bootNic?.network ?? []));
    // Members of several networks are a fault of their own.
    for (const network of networks.size === 1 ? networks : []) {
      const { subnet } = network;
      if (!subnet || isHostAddress(subnet, vip)) continue;
      const special = specialAddress(subnet, vip);
      report({
        message: special
          ? `The VIP ${vip} is the ${special} address of ${subnet.text}: no host can have it.`
          : `The VIP ${vip} is outside ${subnet.text}, the subnet of the nodes of ${cluster.name}: nobody would hear it announced.`,
        at: placeOf(cluster, 'vip'),
        related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
        help: `choose a free address of ${subnet.text}`,
      });
    }
  }),
};

export const vipInDhcpPool: Rule = {
  code: 'vip-in-dhcp-pool',
  severity: 'error',
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
        at: placeOf(cluster, 'vip'),
        related: [{ message: 'the pool is set at', at: placeOf(dhcp, 'pool') }],
        help: contains(dhcp.pool, before)
          ? `end the pool at ${before}, or move the VIP`
          : 'move the pool, or the VIP',
      });
    }
  }),
};

export const vipByDhcp: Rule = {
  code: 'vip-by-dhcp',
  severity: 'error',
  what: 'A VIP by DHCP has a MAC address that it is reserved for; a static one has none.',
  why: 'With only one of VIP and MAC the installer replaces both by what DHCP gives to a random MAC.',
  check: perCluster((cluster, report) => {
    if (!cluster.vipMode || isBroken(cluster, 'vipMode')) return;
    if (cluster.vipMode === 'dhcp' && lacks(cluster, 'vipHwAddr')) {
      report({
        message: `The VIP of ${cluster.name} is had by DHCP, and no MAC address says for whom it is reserved.`,
        at: placeOf(cluster, 'vipMode'),
        help: 'add vip_hw_addr: a MAC address that no NIC has, such as 02:00:00:03:3d:61; or use vip_mode: static',
      });
    }
    const networks = (cluster.members ?? []).flatMap((node) => node?.bootNic?.network ?? []);
    if (cluster.vipMode === 'dhcp' && networks.some((network) => lacks(network, 'dhcp'))) {
      report({
        message: `The VIP of ${cluster.name} is had by DHCP, and the network of its nodes has no DHCP server.`,
        at: placeOf(cluster, 'vipMode'),
        help: 'use vip_mode: static',
      });
    }
    if (cluster.vipMode === 'static' && cluster.vipHwAddr !== undefined) {
      report({
        message: `The VIP of ${cluster.name} is static, so vip_hw_addr has no effect.`,
        at: placeOf(cluster, 'vipHwAddr'),
        help: 'remove vip_hw_addr, or say vip_mode: dhcp',
      });
    }
  }),
};

export const vipModeDhcp: Rule = {
  code: 'vip-mode-dhcp',
  severity: 'warning',
  what: 'The VIP of a cluster is static.',
  why: 'The VIP must never change: where a DHCP server loses the reservation or does not answer, the cluster loses its address, and nodes their way to it (harvester/harvester#6941, #4290).',
  check: perCluster((cluster, report) => {
    if (cluster.vipMode !== 'dhcp') return;
    report({
      message: `The VIP of ${cluster.name} is had by DHCP: if the server ever gives another address, or none, the cluster cannot be reached.`,
      at: placeOf(cluster, 'vipMode'),
      help: 'remove vip_mode and vip_hw_addr: the VIP is static then, and needs no DHCP server',
    });
  }),
};
