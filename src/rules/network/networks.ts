import { clusterNetworkIn } from '../../knowledge/cluster-settings.ts';
import { nodesWithoutOs } from '../../site/boot-keys.ts';
import {
  CIDRS_SINCE,
  type ClusterCidr,
  clusterCidrs,
  createNode,
  DEFAULT_CLUSTER_DNS,
} from '../../site/clusters.ts';
import { isUnknown } from '../../site/effective.ts';
import { interfaceMethod, managementNetwork } from '../../site/management.ts';
import { manifestsOf } from '../../site/manifests.ts';
import type { Cluster, Manifest, Network, Nic, Node } from '../../site/model.ts';
import { hasAddress, RESERVED_NIC } from '../../site/nics.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, replaceValue, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { type Cidr, contains, ipv4Number, ipv4Text, isPrivate } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped } from '../../values/grouped.ts';
import { parseMac } from '../../values/identifiers.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesBefore, nodesWith, per, warning } from '../rule.ts';
import { notOfHost, overlap, overlapping, strangersOf } from '../support.ts';
import { likelyBondOption } from './bond-options.ts';

export const networkRules = [
  error('networks-overlap', {
    what: 'The networks of a site must not share IP addresses.',
    why: 'The boot server, and a machine on both networks, send packets to the wrong network; and the network of an IP address is ambiguous.',
  }).check(({ networks = [] }, report) => {
    const known = networks.flatMap((network) =>
      network?.subnet ? [{ network, subnet: network.subnet }] : [],
    );
    for (const { later, furthest } of overlapping(known)) {
      const { network, subnet } = later;
      const other = furthest.network;
      report(locationOf(network, 'subnet'), {
        message: `The subnet ${subnet.text} of ${network.name} overlaps ${furthest.subnet.text} of ${other.name}: packets to one could reach the other.`,
        related: [{ message: `the subnet of ${other.name} is at`, at: locationOf(other, 'subnet') }],
        help: 'set another subnet; or, if both are the same network, remove one of them',
      });
    }
  }),
  essential('subnet-of-others', {
    what: "A network's subnet must contain its gateway, its DHCP pool or the IP addresses of its machines.",
    why: 'None of the IP addresses would work: the subnet itself is probably misspelled.',
  }).check((site, report) => {
    for (const [network, addresses] of strangersOf(site)) {
      const { text, first, last, prefix } = network.subnet as Cidr;
      const size = last - first + 1;
      const starts = new Set(addresses.map((one) => Math.floor((ipv4Number(one) ?? 0) / size) * size));
      const meant = starts.size === 1 ? `${ipv4Text([...starts][0] as number)}/${prefix}` : undefined;
      const at = locationOf(network, 'subnet');
      report(at, {
        message: `The subnet ${text} contains no IP address of ${network.name}: the first are ${listed(addresses.slice(0, 3))}.`,
        help: meant ? `did you mean ${meant}?` : 'correct the subnet, or the IP addresses',
        isCause: true,
        fix: meant ? suggestedFix(replaceValue(at, meant)) : undefined,
      });
    }
  }),
  essential('pool-outside-subnet', {
    what: "A DHCP pool must be in its network's subnet, without the network and broadcast addresses.",
    why: 'A DHCP server does not start with a pool outside its network, or leases IP addresses that do not work.',
  }).check(per.network, (network, report) => {
    const { subnet, dhcp } = network;
    const pool = dhcp?.pool;
    if (!subnet || !dhcp || !pool || (pool.first > subnet.first && pool.last < subnet.last)) return;
    report(locationOf(dhcp, 'pool'), {
      message: `The DHCP pool ${pool.text} is not within the host addresses of ${subnet.text}: its leases would not work.`,
      related: [{ message: 'the subnet is set at', at: locationOf(network, 'subnet') }],
      help: `choose a part of ${subnet.text} without its first and last IP address`,
    });
  }),
  error('gateway-outside-subnet', {
    what: "A network's gateway must be a host address of its subnet.",
    why: 'Machines cannot reach a gateway outside their network: the installer finds no default route and stops.',
  }).check(per.network, (network, report) => {
    const { gateway, name } = network;
    if (!gateway) return;
    const outside = ({ text }: Cidr) => `outside its subnet, ${text}: no machine on it can reach the gateway`;
    const invalid = notOfHost(network, gateway, `The gateway ${gateway} of ${name}`, outside, 'router');
    const help = `set the router's IP address in ${network.subnet?.text}`;
    if (invalid) report(locationOf(network, 'gateway'), { ...invalid, help });
  }),
  essential('missing-gateway', {
    what: 'The management network of Harvester nodes, by default the one that they boot from, must have a gateway.',
    why: 'Without a default route the installer waits forever or stops (harvester/harvester#5675, #4737), and an installed node reaches no other network.',
  }).check(({ nodes = [], networks = [] }, report) => {
    if (!networks.some((network) => network && lacks(network, 'gateway'))) return;
    const bootOthers = nodesWithoutOs(nodes);
    // Other systems may need no route out of their network, and a machine that boots its own disk installs nothing.
    const booting = nodes.filter((node) => node?.os === 'harvester' && !bootOthers.has(node));
    const managed = booting.flatMap((node) => {
      const network = node && managementNetwork(node);
      return node && network ? [[network, node] as const] : [];
    });
    for (const [network, nodes] of grouped(managed)) {
      if (!lacks(network, 'gateway')) continue;
      const boots = nodes.some(({ bootNic }) => bootNic?.network === network);
      const router = nodes.find(({ bootNic }) => bootNic?.network?.gateway)?.bootNic?.network;
      const other = router && `Only ${router.name}, which they boot from, has one. `;
      report(selfLocation(network), {
        message: boots
          ? `The network ${network.name} has no gateway, but machines boot from it: without a default route the installer stops.`
          : `The management network ${network.name} has no gateway. ${other ?? ''}The installer rejects the configuration, or stops without a default route.`,
        isCause: true,
        help: "add gateway: the router's IP address on this network",
      });
    }
  }),
  error('mtu-too-large', {
    what: 'The management network of Harvester nodes must have an `mtu` of at most 9000.',
    why: "It is also `install.management_interface.mtu` of the nodes, for which Harvester's documentation allows 576 to 9000.",
  }).check(per.nodeOnce, (node, report) => {
    const mtu = node.config?.install?.management_interface?.mtu ?? 0;
    const network = managementNetwork(node);
    if (node.os === 'harvester' && network && mtu > 9000)
      report(locationOf(network, 'mtu'), {
        message: `The MTU ${mtu} of ${network.name} is too large for its Harvester nodes, whose management interface can have at most 9000.`,
        help: 'set at most 9000; a larger MTU is possible on networks of Linux nodes',
      });
  }),
  warning('vlan-untagged', {
    what: 'A configuration must not set vlan_id: 1.',
    why: "The installer treats 1 as untagged, like 0: frames have no tag, and enter the VLAN that the switch port has for untagged frames (Harvester's documentation of vlan_id).",
  }).check(per.node, (node, report) => {
    const management = node.userConfig?.install?.management_interface;
    if (node.os !== 'harvester' || management?.vlan_id !== 1) return;
    // If the network has a VLAN, the two contradict each other, which contradicts-derived reports.
    if (node.derived?.install?.management_interface?.vlan_id !== undefined) return;
    report(locationOf(management, 'vlan_id'), {
      message: 'vlan_id: 1 means untagged: the installed node would not send the tag of VLAN 1.',
      fix: suggestedFix(removeKey(management, 'vlan_id')),
      help: 'remove vlan_id if the switch port carries the network untagged; or use a VLAN from 2 to 4094',
    });
  }),
  warning('dhcp-vlan-too-old', {
    what: 'Before v1.4.0, a management interface on a VLAN must have a static IP address.',
    why: 'The installer of these releases sends DHCP requests without the tag, and gets no IP address, or one of another network (harvester/harvester#3154, #6959).',
  }).check(nodesBefore('v1.4.0').each, (node, report) => {
    const network = managementNetwork(node);
    if (node.os !== 'harvester' || !network || isBroken(network, 'dhcp')) return;
    if (isUnknown(node, 'install.management_interface.method') || interfaceMethod(node) !== 'dhcp') return;
    const management = node.config?.install?.management_interface;
    const vlan = management?.vlan_id;
    if (!management || vlan === undefined || vlan < 2) return;
    report(locationOf(management, 'vlan_id'), {
      message: `The management interface is on VLAN ${vlan} and uses DHCP, but ${node.cluster.version?.text} requests without the tag: it gets no IP address, or one of another network.`,
      related: [{ message: 'DHCP is derived from', at: locationOf(management, 'method') }],
      help: 'install v1.4.0 or newer, or set install.management_interface.method: static',
    });
  }),
  error('cluster-cidr-not-private', {
    what: 'The pod CIDR and the service CIDR of a cluster must be private (RFC 1918).',
    why: "Harvester's documentation (Harvester Configuration) requires it: the cluster cannot reach internet hosts with these IP addresses.",
  }).check(per.cluster, (cluster, report) => {
    for (const { of, cidr, at } of clusterCidrs(cluster))
      if (at && !isPrivate(cidr))
        report(at, {
          message: `The ${of} CIDR ${cidr.text} is not private: the cluster cannot reach internet hosts with these IP addresses.`,
          help: `choose one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as ${of === 'pod' ? '10.152.0.0/16' : '10.153.0.0/16'}`,
        });
  }),
  error('cluster-cidr-overlap', {
    what: 'The pod CIDR and the service CIDR of a cluster must overlap neither each other nor a network of the site, and contain none of its DNS servers.',
    why: 'Packets to such an IP address can stay inside the cluster, and the CIDRs cannot be changed after the installation (harvester/harvester#4254, #5575).',
  }).check(per.cluster, (cluster, report, { networks = [] }) => {
    const cidrs = clusterCidrs(cluster);
    const [pod, service] = cidrs;
    if (pod && service && overlap(pod.cidr, service.cidr)) {
      const [one, other] = service.at ? [service, pod] : [pod, service];
      report(one.at ?? locationOf(cluster, 'name'), {
        message: `The ${one.of} CIDR ${one.cidr.text} of ${cluster.name} overlaps its ${other.of} CIDR ${other.cidr.text}${other.at ? '' : ', the default'}: pods and services would have the same IP addresses.`,
        related: other.at ? [{ message: `the ${other.of} CIDR is set at`, at: other.at }] : [],
        help: `choose a ${one.of} CIDR outside ${other.cidr.text}`,
      });
    }
    for (const network of networks)
      for (const cidr of cidrs) {
        if (!network?.subnet || !overlap(cidr.cidr, network.subnet)) continue;
        const at = locationOf(network, 'subnet');
        if (!cidr.at) report(at, { ...ofDefault(cluster, cidr, network) });
        else
          report(cidr.at, {
            message: `The ${cidr.of} CIDR ${cidr.cidr.text} of ${cluster.name} overlaps the network ${network.name}, ${network.subnet.text}: packets to that network could stay in the cluster.`,
            related: [{ message: `the subnet of ${network.name} is at`, at }],
            help: 'choose a private subnet that is used nowhere else',
          });
      }
    for (const network of networks)
      for (const [index, dns = ''] of (network?.dns ?? []).entries())
        for (const { of, cidr, at } of cidrs) {
          const { dns: servers, subnet } = network ?? {};
          if (!network || !servers || !subnet || !contains(cidr, dns) || overlap(cidr, subnet)) continue;
          report(locationOf(servers, index), {
            message: `The DNS server ${dns} of ${network.name} is in the ${of} CIDR ${cidr.text} of ${cluster.name}${at ? '' : ', the default'}: its nodes look for it inside the cluster, and resolve no name.`,
            related: at ? [{ message: `the ${of} CIDR is set at`, at }] : [],
            help: 'set a DNS server outside the cluster, such as the router',
          });
        }
  }),
  warning('cluster-network-missing', {
    what: 'A storage-network or vm-migration-network must be on the cluster network `mgmt`, the only one during an installation.',
    why: "The first node applies the setting to the new cluster. Until the other cluster network is ready on all nodes, the setting fails, and the traffic stays on the management network (Harvester's documentation of storage-network).",
  }).check(per.cluster, (cluster, report, site) => {
    const node = createNode(cluster);
    const settings: object | undefined = node?.userConfig?.system_settings;
    for (const [name, value] of Object.entries(settings ?? {})) {
      const network = clusterNetworkIn(name, value);
      const isDefined = (one: Draft<Manifest>) => one.cluster === cluster && one.name === network;
      if (!settings || network === undefined || network === 'mgmt') continue;
      // setting-refused reports one that no manifest defines.
      if (!isBroken(site, 'manifests') && !manifestsOf('ClusterNetwork')(site).some(isDefined)) continue;
      report(keyLocationOf(settings, name as never), {
        node,
        message: `${name} uses the cluster network ${network}, but a new cluster has only mgmt: the setting fails.`,
        fix: suggestedFix(removeKey(settings, name)),
        help: 'remove it, and set it after the installation, when the cluster network is ready on all nodes; or set clusterNetwork: mgmt',
      });
    }
  }),
  error('cluster-dns-outside', {
    what: "The IP address of a cluster's DNS must be in its service CIDR.",
    why: 'The DNS of the cluster is a service: it cannot be created with an IP address from elsewhere, and the cluster never becomes ready. The installer checks it only in its dialogs.',
  }).check(per.cluster, (cluster, report) => {
    const node = createNode(cluster);
    const service = clusterCidrs(cluster).find((one) => one.of === 'service');
    if (!node || !service || isUnknown(node, 'install.cluster_dns')) return;
    const install = node.userConfig?.install;
    const dns = install?.cluster_dns;
    // Another rule reports a release that drops the key.
    if (dns !== undefined && cluster.version && !isAtLeast(cluster.version, CIDRS_SINCE)) return;
    if (contains(service.cidr, dns ?? DEFAULT_CLUSTER_DNS)) return;
    if (install && dns !== undefined)
      report(locationOf(install, 'cluster_dns'), {
        message: `The cluster's DNS, ${dns}, is outside the service CIDR ${service.cidr.text}${service.at ? '' : ', the default'}: it cannot be created.`,
        related: service.at ? [{ message: 'the service CIDR is set at', at: service.at }] : [],
        fix: suggestedFix(setKey(install, 'cluster_dns', usualDns(service.cidr))),
        help: `choose an IP address in ${service.cidr.text}, such as ${usualDns(service.cidr)}`,
      });
    else if (service.at)
      report(service.at, {
        message: `The service CIDR ${service.cidr.text} does not contain ${DEFAULT_CLUSTER_DNS}, the default IP address of the cluster's DNS: it cannot be created.`,
        help: `set install.cluster_dns next to it, such as ${usualDns(service.cidr)}`,
      });
  }),
];

function ofDefault(cluster: Draft<Cluster>, { of, path, cidr }: ClusterCidr, network: Draft<Network>) {
  const { version, name } = cluster;
  const tooOld = version !== undefined && !isAtLeast(version, CIDRS_SINCE);
  const change = of === 'service' ? `${path}, and install.cluster_dns in it` : path;
  return {
    message: `The subnet ${network.subnet?.text} of ${network.name} overlaps ${cidr.text}, the default ${of} CIDR of ${name}${tooOld ? `, which only ${CIDRS_SINCE} and newer can change` : ''}: packets to that network could stay in the cluster.`,
    related: [{ message: `${name} is defined at`, at: locationOf(cluster, 'name') }],
    help: tooOld
      ? `set another subnet for ${network.name}; or install ${CIDRS_SINCE} or newer, and set ${change}`
      : `set ${change} for the create node; or set another subnet for ${network.name}`,
  };
}

/** Returns the tenth IP address, as in the default; in a tiny subnet, the last usable one. */
const usualDns = ({ first, last }: Cidr): string => ipv4Text(Math.min(first + 10, last - 1));
const withInterfaces = nodesWith('userConfig', ({ install }) => install?.management_interface?.interfaces);
const withBondOptions = nodesWith('userConfig', ({ install }) => install?.management_interface?.bond_options);

const MODE_AND_CHECK = [
  {
    key: 'mode',
    value: 'active-backup',
    line: 'mode: active-backup',
    effect: 'send over all NICs in turn (balance-rr)',
  },
  { key: 'miimon', value: '100', line: 'miimon: "100"', effect: 'not notice a dead link' },
];

export const nicRules = [
  essential('unknown-nic', {
    what: 'Interfaces of the configuration must be NICs of the node.',
    why: 'The installer stops with "no interface matching name found"; names also differ between releases (harvester/harvester#9815).',
  }).check(withInterfaces.eachOnce, (node, report) => {
    const interfaces = node.userConfig.install?.management_interface?.interfaces;
    const nics = (node.nics ?? []).flatMap((nic) => nic ?? []);
    if (node.os !== 'harvester' || !node.nics?.length || !interfaces) return;
    if (nics.length < node.nics.length || nics.some((nic) => isBroken(nic, 'mac') || isBroken(nic, 'name')))
      return;
    interfaces.forEach((one, index) => {
      const { hwAddr, name } = one ?? {};
      if (!hwAddr && !name) return;
      // A NIC with an unknown MAC address or name may be the interface.
      if (nics.some((nic) => lacks(nic, 'mac') && (hwAddr || lacks(nic, 'name')))) return;
      if (nics.some((nic) => (hwAddr ? nic.mac === parseMac(hwAddr) : nic.name === name))) return;
      report(locationOf(interfaces, index), {
        message: `The interface ${hwAddr ?? name} is not listed under nics of ${node.name}: the installer stops if the machine lacks it.`,
        help: `list it under nics with its name and MAC address; the known NICs are ${nics.map((nic) => nic.name ?? nic.mac).join(', ')}`,
      });
    });
  }),
  error('interface-contradicts', {
    what: 'The name and the MAC address of an interface must be those of one NIC.',
    why: 'The installer gets only the MAC address, and would use only the name: the other NIC is not in the bond.',
  }).check(withInterfaces.eachOnce, (node, report) => {
    const interfaces = node.userConfig.install?.management_interface?.interfaces ?? [];
    for (const one of node.os === 'harvester' ? interfaces : []) {
      const { name, hwAddr } = one ?? {};
      if (!one || !hwAddr || !name) continue;
      const mac = parseMac(hwAddr);
      const other = node.nics?.find(
        (nic) => (nic?.mac === mac) !== (nic?.name === name) && nic?.mac && nic.name,
      );
      if (!other) continue;
      report(locationOf(one, 'name'), {
        message: `The interface has the name ${name} and the MAC address ${mac}, but the NIC ${other.name} has ${other.mac}: one of the two is ignored.`,
        related: [{ message: 'the NIC is listed at', at: selfLocation(other) }],
        help: 'remove the wrong one of the two',
      });
    }
  }),
  error('reserved-nic-name', {
    what: 'A NIC of the management bond without a MAC address must not be named `lo`, `mgmt-br` or `mgmt-bo`.',
    why: 'The installer stops at the loopback device, and creates the bond `mgmt-bo` and the bridge `mgmt-br` itself: neither can be a member.',
  }).check(per.node, (node, report) => {
    for (const one of node.config?.install?.management_interface?.interfaces ?? [])
      if (one?.name && !one.hwAddr && RESERVED_NIC.test(one.name))
        report(locationOf(one, 'name'), {
          message: `${node.name} has a NIC named ${one.name}, which is a device of the system: the installer cannot use it.`,
          help: 'set the name of a physical NIC, such as eno1, or its MAC address',
        });
  }),
  essential('several-boot-nics', {
    what: 'A node must boot from only one NIC.',
    why: "A node's files are named after the MAC address of its boot NIC, so there can be only one.",
  }).check(nodesWith('nics', ({ length }) => length > 1).each, (node, report) => {
    const [first, ...others] = node.nics.filter((nic) => nic?.boot);
    for (const nic of others)
      if (first && nic)
        report(locationOf(nic, 'boot'), {
          message: `${node.name} has two boot NICs, but its files are named after one.`,
          related: [{ message: 'the other boot NIC is at', at: locationOf(first, 'boot') }],
          help: 'keep boot: true for one of them; other NICs on its network join the bond anyway',
        });
  }),
  warning('boot-nic-outside-bond', {
    what: "A node's boot NIC must be in its management bond.",
    why: 'The IP address of a node belongs to that NIC. DHCP reserves it for its MAC address, and the VLAN and gateway of the configuration are those of its network.',
  }).check(withInterfaces.each, (node, report) => {
    const management = node.userConfig.install?.management_interface;
    const bond = node.config?.install?.management_interface;
    const { bootNic, nics } = node;
    if (node.os !== 'harvester' || !bootNic || !nics || !management?.interfaces || !bond?.interfaces) return;
    if (isUnknown(node, 'install.management_interface.interfaces')) return;
    if (nics.some((nic) => nic && isBroken(nic, 'boot')) || bootNic.network !== managementNetwork(node))
      return;
    const own = idOf(bootNic);
    const members = new Set(bond.interfaces.map((nic) => nic?.hwAddr ?? nic?.name));
    if (own === undefined || members.has(own) || members.size === 0) return;
    // An unknown interface may be the boot NIC.
    const known = new Set(nics.map((nic) => nic && idOf(nic)));
    if ([...members].some((member) => member === undefined || !known.has(member))) return;
    const at = bootNic.mac ? locationOf(bootNic, 'mac') : selfLocation(bootNic);
    report(keyLocationOf(management, 'interfaces'), {
      message:
        bond.method === 'static'
          ? 'The interfaces omit the boot NIC of the node: its IP address would be on NICs that may be on another network.'
          : 'The interfaces omit the boot NIC of the node: DHCP does not lease the installed node the IP address that is reserved for it.',
      related: [{ message: 'the boot NIC is at', at }],
      help: 'add it to the interfaces; or set boot: true for the NIC that the node boots from; or, if the node runs on another network, set network of the cluster',
    });
  }),
  error('bond-nic-address', {
    what: 'Of the NICs of a management bond, only one may have an IP address: the boot NIC, if it is one of them.',
    why: 'A bond has one IP address: whether the second one is leased depends on the NIC that sends the request.',
  }).check(nodesWith('bond', ({ length }) => length > 1).each, ({ name, bond }, report) => {
    const [first, ...others] = bond;
    for (const nic of others)
      if (nic?.ip && first)
        report(locationOf(nic, 'ip'), {
          message: `${name} has a second IP address, ${nic.ip}, on its management network: its NICs there form one bond.`,
          related: first.ip ? [{ message: 'its IP address is set at', at: locationOf(first, 'ip') }] : [],
          help: 'remove the second IP address, or move the NIC to another network',
        });
  }),
  warning('nic-address-unused', {
    tag: 'unnecessary',
    what: 'On a network without DHCP, only the boot NIC of a Harvester node must have an IP address.',
    why: 'A configuration of Harvester has the IP address of the management interface only: no machine has any other. nginx therefore grants it nothing.',
  }).check(nodesWith('nics', ({ length }) => length > 1).each, (node, report) => {
    // Without an address of the boot NIC, this one may be meant for it.
    for (const nic of node.bootNic?.ip ? node.nics : [])
      if (nic?.ip && nic.network && !isBroken(nic.network, 'dhcp') && !hasAddress(node, nic))
        report(locationOf(nic, 'ip'), {
          message: `The IP address ${nic.ip} of ${node.name} on ${nic.network.name} reaches no configuration: no machine will have it.`,
          fix: suggestedFix(removeKey(nic, 'ip'), setKey(nic, 'network', nic.network.name ?? '')),
          help: `replace it with \`network: ${nic.network.name}\`; Harvester assigns storage addresses from the range of storage-network`,
        });
  }),
  warning('bond-lacp', {
    what: 'A management bond with the boot NIC must not use 802.3ad (LACP); nor one that uses DHCP, from v1.7.0 on.',
    why: 'A machine boots over one NIC without LACP, which the ports of a bundle reject unless the switch has LACP fallback. From v1.7.0, the installer applies a management network with DHCP before LACP is up and often stops with "Can\'t apply networks" (harvester/harvester#10885, #11662). A boot NIC outside the bond, and static IP addresses, need neither.',
  }).check(withBondOptions.each, (node, report) => {
    const options = node.userConfig.install?.management_interface?.bond_options;
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || options?.mode !== '802.3ad' || !release) return;
    const boots = !bootsBeside(node);
    const stops = isAtLeast(release, 'v1.7.0') && (boots || interfaceMethod(node) === 'dhcp');
    if (!boots && !stops) return;
    const effects = [
      ...(boots ? ['the machine boots only if the switch has LACP fallback'] : []),
      ...(stops
        ? [`the installer of ${release.text} often stops ("Can't apply networks") before LACP is up`]
        : []),
    ];
    report(locationOf(options, 'mode'), {
      message: `The management bond${bondSize(node) === 1 ? ' of one NIC' : ''} uses LACP (802.3ad): ${effects.join(', and ')}.`,
      fix: suggestedFix(setKey(options, 'mode', 'active-backup')),
      help: 'set mode: active-backup; or enable LACP fallback on these ports and add silence: {bond-lacp: "LACP fallback is on"}',
    });
  }),
  warning('bond-mode-one-nic', {
    what: 'A management bond of one NIC must have the mode active-backup or 802.3ad.',
    why: "The other modes distribute traffic over several NICs and have no benefit with one. Some change its MAC address or require a configured switch (the kernel's bonding documentation).",
  }).check(withBondOptions.each, (node, report) => {
    const options = node.userConfig.install?.management_interface?.bond_options;
    const { mode } = options ?? {};
    if (node.os !== 'harvester' || !options || !mode || bondSize(node) !== 1) return;
    if (mode === 'active-backup' || mode === '802.3ad') return;
    report(locationOf(options, 'mode'), {
      message: `The bond has one NIC, but its mode ${mode} is for several: it has no benefit, and may require a configured switch.`,
      fix: suggestedFix(setKey(options, 'mode', 'active-backup')),
      help: 'set mode: active-backup; or remove bond_options, which are derived; or list the other NICs',
    });
  }),
  error('bond-options-incomplete', {
    what: 'A map of bond_options must have a mode and, before v1.7.0, also miimon (or arp_interval).',
    why: "The map replaces the installer's whole default; missing keys get the kernel's defaults. The default mode is balance-rr, which most switches treat as a loop. Without link checks, the bond does not come up, or sends into a dead link.",
  }).check(withBondOptions.each, (node, report) => {
    const bond = node.userConfig.install?.management_interface;
    const options = bond?.bond_options;
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || !bond || !options || !release || isBroken(options)) return;
    // From v1.7.0, NetworkManager creates the bond, and checks links every 100 ms by default.
    const checksLinks =
      isAtLeast(release, 'v1.7.0') || !lacks(options, 'miimon') || !lacks(options, 'arp_interval');
    // bond-option reports a misspelled mode.
    const isMisspelled =
      isAtLeast(release, 'v1.7.0') && Object.keys(options).some((key) => likelyBondOption(key) === 'mode');
    const missing = MODE_AND_CHECK.filter(({ key }) =>
      key === 'mode' ? lacks(options, 'mode') && !isMisspelled : !checksLinks,
    );
    if (missing.length === 0) return;
    report(keyLocationOf(bond, 'bond_options'), {
      message: `bond_options replaces the installer's default but has no ${missing.map(({ key }) => key).join(' and no ')}: the bond would ${missing.map(({ effect }) => effect).join(', and ')}.`,
      fix:
        Object.keys(options).length > 0
          ? suggestedFix(...missing.map(({ key, value }) => setKey(options, key, value)))
          : undefined,
      help: `add ${missing.map(({ line }) => line).join(' and ')}; or remove bond_options, which are derived`,
    });
  }),
];

/** Returns the identifier of a NIC in the configuration: its MAC address or, without one, its name. */
const idOf = (nic: Draft<Nic>): string | undefined => nic.mac ?? (lacks(nic, 'mac') ? nic.name : undefined);

/** Whether a node boots from a NIC that is not in its management bond, nor is its link; also if the bond is unknown. */
function bootsBeside({ bootNic, bond = [] }: Draft<Node>): boolean {
  const isBoot = (nic: Draft<Nic> | undefined) =>
    nic === bootNic || (nic?.mac !== undefined && nic.mac === bootNic?.mac);
  return !bond.some(isBoot);
}

/** Returns the number of NICs in the management bond, or undefined if an error leaves it unknown. */
function bondSize(node: Draft<Node>): number | undefined {
  if (isUnknown(node, 'install.management_interface.interfaces')) return undefined;
  const interfaces = node.userConfig?.install?.management_interface?.interfaces;
  if (interfaces) return interfaces.length;
  // By default, the NICs of the bond are derived from their networks.
  const isKnown = node.nics?.every((nic) => nic?.network && (nic.mac || lacks(nic, 'mac')));
  return isKnown ? node.bond?.length : undefined;
}
