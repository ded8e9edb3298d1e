import {
  CIDRS_SINCE,
  type ClusterCidr,
  clusterCidrs,
  createNode,
  DEFAULT_CLUSTER_DNS,
} from '../site/clusters.ts';
import { interfaceMethod } from '../site/derive-config.ts';
import { isUnknown } from '../site/effective.ts';
import type { Cluster, Network } from '../site/model.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../source/origin.ts';
import { type Cidr, contains, ipv4Text, isPrivate } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { nodesWithoutOs } from './boot.ts';
import { error, essential, warning } from './rule.ts';
import { nodesBefore, nodesWhose, notOfHost, overlap, perCluster, perNetwork } from './support.ts';

export const networksOverlap = error('networks-overlap', {
  what: 'No two networks of the site share addresses.',
  why: 'A machine with both, and the boot server, would send what is meant for one network into the other; and which network an address belongs to could not be told.',
  check({ networks = [] }, report) {
    const known = networks.flatMap((network) =>
      network?.subnet ? [{ network, subnet: network.subnet }] : [],
    );
    known.sort((a, b) => a.subnet.first - b.subnet.first || b.subnet.last - a.subnet.last);
    // Of two subnets that share addresses, one holds the other: it is enough to look at the one that reaches furthest.
    let furthest = known[0];
    for (const one of known.slice(1)) {
      if (!furthest || one.subnet.first > furthest.subnet.last) {
        furthest = one;
        continue;
      }
      report({
        message: `The subnet ${one.subnet.text} of ${one.network.name} overlaps ${furthest.subnet.text} of ${furthest.network.name}: what is sent to one could end up in the other.`,
        at: locationOf(one.network, 'subnet'),
        related: [
          {
            message: `the one of ${furthest.network.name} is at`,
            at: locationOf(furthest.network, 'subnet'),
          },
        ],
        help: 'give each network a subnet of its own; where both are the same network, keep one of them',
      });
    }
  },
});

export const poolOutsideSubnet = essential('pool-outside-subnet', {
  what: "A DHCP pool lies in its network's subnet, without network and broadcast address.",
  why: 'A DHCP server does not start with a pool that is not of its network, or gives out addresses that lead nowhere.',
  check: perNetwork((network, report) => {
    const { subnet, dhcp } = network;
    const pool = dhcp?.pool;
    if (!subnet || !dhcp || !pool) return;
    if (pool.first > subnet.first && pool.last < subnet.last) return;
    report({
      message: `The DHCP pool ${pool.text} does not lie among the host addresses of ${subnet.text}: what it gives out would lead nowhere.`,
      at: locationOf(dhcp, 'pool'),
      related: [{ message: 'the subnet is set at', at: locationOf(network, 'subnet') }],
      help: `choose a part of ${subnet.text}, without its first and last address`,
    });
  }),
});

export const gatewayOutsideSubnet = error('gateway-outside-subnet', {
  what: "A network's gateway is an address of its subnet that a host can have.",
  why: 'A gateway that is not on the network cannot be reached: the installer finds no default route and stops.',
  check: perNetwork((network, report) => {
    const { gateway, name } = network;
    if (!gateway) return;
    const outside = ({ text }: Cidr) =>
      `outside its subnet, ${text}: no machine on it could reach the gateway`;
    const fault = notOfHost(network, gateway, `The gateway ${gateway} of ${name}`, outside, 'router');
    const help = `give the router's address in ${network.subnet?.text}`;
    if (fault) report({ ...fault, at: locationOf(network, 'gateway'), help });
  }),
});

export const missingGateway = essential('missing-gateway', {
  what: 'A network that machines boot Harvester from has a gateway.',
  why: 'Without a default route the installer waits for ever or stops (harvester/harvester#5675, #4737).',
  check({ nodes = [], networks = [] }, report) {
    if (!networks.some((network) => network && lacks(network, 'gateway'))) return;
    const bootOthers = nodesWithoutOs(nodes);
    // Any other system may do with the addresses of its own network, and what boots a disk of its own installs nothing.
    const booting = nodes.filter((node) => node?.os === 'harvester' && !bootOthers.has(node));
    for (const network of new Set(booting.flatMap((node) => node?.bootNic?.network ?? []))) {
      if (!lacks(network, 'gateway')) continue;
      report({
        message: `The network ${network.name} has no gateway, and machines boot from it: without a default route the installer stops.`,
        at: selfLocation(network),
        help: "add gateway: the router's address on this network",
      });
    }
  },
});

export const vlanUntagged = warning('vlan-untagged', {
  what: 'No configuration says vlan_id: 1.',
  why: "The installer takes 1 for untagged, as it does 0: frames go out without a tag, into whatever VLAN the port of the switch has for these (Harvester's documentation of vlan_id).",
  check: nodesWhose('userConfig', ({ install }) => install?.management_interface?.vlan_id === 1).each(
    (node, report) => {
      const management = node.userConfig.install?.management_interface;
      if (node.os !== 'harvester' || !management) return;
      // Where the network has a VLAN, the two contradict each other, which is said already.
      if (node.derived?.install?.management_interface?.vlan_id !== undefined) return;
      report({
        message: 'vlan_id: 1 means untagged: the installed node would not send with the tag of VLAN 1.',
        at: locationOf(management, 'vlan_id'),
        help: 'remove vlan_id where the port of the switch carries the network untagged; else use a VLAN from 2 to 4094',
      });
    },
  ),
});

export const dhcpVlanTooOld = warning('dhcp-vlan-too-old', {
  what: 'Before v1.4.0, a management interface on a VLAN has a static address.',
  why: 'The installer of these releases asks for addresses without the tag, and gets none, or one of another network (harvester/harvester#3154, #6959).',
  check: nodesBefore('v1.4.0').each((node, report) => {
    const network = node.bootNic?.network;
    if (node.os !== 'harvester' || !network || isBroken(network, 'dhcp')) return;
    if (isUnknown(node, 'install.management_interface.method') || interfaceMethod(node) !== 'dhcp') return;
    const management = node.config?.install?.management_interface;
    const vlan = management?.vlan_id;
    if (!management || vlan === undefined || vlan < 2) return;
    report({
      message: `The management interface is on VLAN ${vlan} and gets its address by DHCP: ${node.cluster.version?.text} can ask for it without the tag, and would get none or one of another network.`,
      at: locationOf(management, 'vlan_id'),
      related: [{ message: 'that it is by DHCP follows from', at: locationOf(management, 'method') }],
      help: 'install v1.4.0 or newer, or set install.management_interface.method: static',
    });
  }),
});

export const clusterCidrNotPrivate = error('cluster-cidr-not-private', {
  what: 'The pod CIDR and the service CIDR of a cluster lie in the private address space of RFC 1918.',
  why: "Harvester's documentation (Harvester Configuration) demands it: hosts of the internet that have these addresses could not be reached from the cluster.",
  check: perCluster((cluster, report) => {
    for (const { of, cidr, at } of clusterCidrs(cluster)) {
      if (!at || isPrivate(cidr)) continue;
      report({
        message: `The ${of} CIDR ${cidr.text} is not private: whoever has these addresses could not be reached from the cluster.`,
        at,
        help: `choose one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as ${of === 'pod' ? '10.152.0.0/16' : '10.153.0.0/16'}`,
      });
    }
  }),
});

export const clusterCidrOverlap = error('cluster-cidr-overlap', {
  what: 'The pod CIDR and the service CIDR of a cluster share no address with each other, nor with a network of the site.',
  why: 'What nodes and pods send to such an address can end up inside the cluster, and after the installation the two cannot be changed (harvester/harvester#4254, #5575).',
  check: perCluster((cluster, report, { networks = [] }) => {
    const cidrs = clusterCidrs(cluster);
    const [pod, service] = cidrs;
    if (pod && service && overlap(pod.cidr, service.cidr)) {
      const [one, other] = service.at ? [service, pod] : [pod, service];
      report({
        message: `The ${one.of} CIDR ${one.cidr.text} of ${cluster.name} overlaps its ${other.of} CIDR ${other.cidr.text}${other.at ? '' : ', the default'}: pods and services would have the same addresses.`,
        at: one.at ?? locationOf(cluster, 'name'),
        related: other.at ? [{ message: `the ${other.of} CIDR is set at`, at: other.at }] : [],
        help: `choose a ${one.of} CIDR outside of ${other.cidr.text}`,
      });
    }
    for (const network of networks) {
      for (const cidr of cidrs) {
        if (!network?.subnet || !overlap(cidr.cidr, network.subnet)) continue;
        const at = locationOf(network, 'subnet');
        if (!cidr.at) report({ at, ...ofDefault(cluster, cidr, network) });
        else
          report({
            message: `The ${cidr.of} CIDR ${cidr.cidr.text} of ${cluster.name} overlaps the network ${network.name}, ${network.subnet.text}: what is sent to that network could end up in the cluster.`,
            at: cidr.at,
            related: [{ message: `the subnet of ${network.name} is at`, at }],
            help: 'choose a private subnet that is used nowhere else',
          });
      }
    }
  }),
});

function ofDefault(cluster: Draft<Cluster>, { of, path, cidr }: ClusterCidr, network: Draft<Network>) {
  const { version, name } = cluster;
  const tooOld = version !== undefined && !isAtLeast(version, CIDRS_SINCE);
  const change = of === 'service' ? `${path}, and install.cluster_dns in it` : path;
  return {
    message: `The subnet ${network.subnet?.text} of ${network.name} overlaps ${cidr.text}, the default ${of} CIDR of ${name}${tooOld ? `, which only ${CIDRS_SINCE} and newer can change` : ''}: what is sent to that network could end up in the cluster.`,
    related: [{ message: `${name} is at`, at: locationOf(cluster, 'name') }],
    help: tooOld
      ? `give ${network.name} another subnet; or install ${CIDRS_SINCE} or newer, and set ${change}`
      : `set ${change} for the create node; or give ${network.name} another subnet`,
  };
}

export const clusterDnsOutside = error('cluster-dns-outside', {
  what: "The address of a cluster's DNS lies in its service CIDR.",
  why: 'The DNS of the cluster is a service: with an address from elsewhere it cannot be made, and the cluster never gets ready. The installer checks it in its dialogs only.',
  check: perCluster((cluster, report) => {
    const node = createNode(cluster);
    const service = clusterCidrs(cluster).find((one) => one.of === 'service');
    if (!node || !service || isUnknown(node, 'install.cluster_dns')) return;
    const install = node.userConfig?.install;
    const said = install?.cluster_dns;
    // A release that would drop the key is told so by another rule.
    if (said !== undefined && cluster.version && !isAtLeast(cluster.version, CIDRS_SINCE)) return;
    if (contains(service.cidr, said ?? DEFAULT_CLUSTER_DNS)) return;
    if (install && said !== undefined) {
      report({
        message: `The cluster's DNS, ${said}, lies outside of the service CIDR ${service.cidr.text}${service.at ? '' : ', the default'}: it could not be made.`,
        at: locationOf(install, 'cluster_dns'),
        related: service.at ? [{ message: 'the service CIDR is set at', at: service.at }] : [],
        help: `choose an address in ${service.cidr.text}, such as ${usualDns(service.cidr)}`,
      });
    } else if (service.at) {
      report({
        message: `The service CIDR ${service.cidr.text} does not hold ${DEFAULT_CLUSTER_DNS}, the default address of the cluster's DNS: it could not be made.`,
        at: service.at,
        help: `set install.cluster_dns beside it, such as ${usualDns(service.cidr)}`,
      });
    }
  }),
});

/** The tenth address, as in the default; in a tiny subnet the last that can be had. */
function usualDns({ first, last }: Cidr): string {
  return ipv4Text(Math.min(first + 10, last - 1));
}
