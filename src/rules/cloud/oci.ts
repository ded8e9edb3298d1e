import { ociRegion, regionOfDomain, regionOfOcid, shapeArch, shapeType } from '../../knowledge/clouds.ts';
import type { Network, OciInstance } from '../../site/model.ts';
import { listed, namesOf } from '../../source/diagnostics/words.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { locationKey } from '../../source/source.ts';
import { safeFix, setKey } from '../../source/text-edit/fix.ts';
import { ipv4Number, ipv4Text } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped } from '../../values/grouped.ts';
import { error, essential, type Finding, nodesWith, per, warning } from '../rule.ts';

const instances = nodesWith('oci');
const NEEDED = ['compartment', 'subnet', 'image', 'shape', 'availabilityDomain'] as const;

const WHY_NOT = {
  virtual: 'is a virtual machine: the machines of Harvester need nested virtualization there',
  diskless: 'has only an iSCSI boot volume, which boot does not set: Harvester has no disk',
  unknown: 'is unknown: it may have no local disk',
} as const;

const LOCAL = 'choose a shape with local NVMe disks, such as BM.DenseIO.E4.128';

const HELP = {
  virtual: LOCAL,
  diskless: `${LOCAL}; or set that volume: \`boot: { disk: iscsi, target: "iqn.2015-02.oracle.boot:uefi", server: 169.254.0.2 }\``,
  unknown:
    'see Compute Shapes in the documentation of OCI; if it has local NVMe disks, add silence: {oci-shape: "the reason"}',
} as const;

/** The number of fault domains per availability domain. Source: OCI's documentation, Regions and Availability Domains. */
const FAULT_DOMAINS = 3;

export const ociRules = [
  essential('oci-incomplete', {
    what: 'An instance of Oracle Cloud Infrastructure must have a compartment, subnet, image, shape and availability domain.',
    why: 'Without all five, the instance cannot be launched.',
  }).check((site, report) => {
    const byLack = grouped(
      instances.ofSite(site).flatMap((node) => {
        const { oci } = node;
        const lacking = NEEDED.filter((key) => lacks(oci, key));
        const what = listed(
          lacking.map((key) => (key === 'availabilityDomain' ? 'availability_domain' : key)),
        );
        // A key that a layer lacks is one error for all its nodes.
        return what ? [[`${locationKey(selfLocation(oci))} ${what}`, { node, what }] as const] : [];
      }),
    );
    for (const [{ node: first, what }, ...others] of byLack.values()) {
      const lacking = [first, ...others.map(({ node }) => node)];
      const another = others.length > 0;
      report(locationOf(first, 'oci'), {
        message: `${namesOf(lacking)} ${another ? 'are instances' : 'is an instance'} of OCI and ${another ? 'have' : 'has'} no ${what}: ${another ? 'they' : 'it'} cannot be launched.`,
        help: 'set it under oci of the node, a profile or defaults',
      });
    }
  }),
  essential('oci-virtual-machine', {
    what: "A node must not be both an instance of Oracle Cloud Infrastructure and a virtual machine of the site's host.",
    why: 'Two machines would be one node: both would boot with the same IP address and configuration.',
  }).check(instances.eachOnce, (node, report) => {
    if (!node.domain || !node.facts) return;
    report(locationOf(node, 'oci'), {
      message: `${node.name} is both an instance of OCI and a virtual machine of the host: two machines would be one node.`,
      related: [{ message: 'vm is set at', at: locationOf(node.facts, 'vm') }],
      help: 'move oci and vm to separate profiles, and list one of them at the node',
    });
  }),
  error('oci-arch', {
    what: "The shape of an instance of Oracle Cloud Infrastructure must have the cluster's architecture.",
    why: 'A kernel for another architecture does not start: the machine stays in iPXE and retries forever.',
  }).check(instances.eachOnce, (node, report) => {
    const { oci, arch } = node;
    if (oci.shape === undefined || !arch) return;
    const is = shapeArch(oci.shape);
    if (is === arch) return;
    report(locationOf(oci, 'shape'), {
      message: `${node.name} has the shape ${oci.shape}, which is ${is}, but boots files for ${arch}: its kernel does not start.`,
      related: node.cluster
        ? [{ message: 'the architecture is set at', at: locationOf(node.cluster, 'arch') }]
        : [],
      help: `choose an ${arch} shape, or set the arch of the cluster to ${is}`,
    });
  }),
  warning('oci-shape', {
    what: 'A shape of Oracle Cloud Infrastructure must be bare metal with local disks, or the node must use an iSCSI disk.',
    why: 'Harvester is installed on a disk of the machine. Shapes without disks have an iSCSI boot volume, which is used only if `boot` sets it (harvester/harvester#1365, #5150).',
  }).check(instances.eachOnce, (node, report) => {
    const { oci } = node;
    if (oci.shape === undefined || node.os !== 'harvester') return;
    const kind = shapeType(oci.shape) ?? 'unknown';
    if (kind === 'nvme' || (node.iscsi && kind !== 'virtual')) return;
    report(locationOf(oci, 'shape'), {
      message: `${node.name} has the shape ${oci.shape}, which ${WHY_NOT[kind]}.`,
      help: HELP[kind],
    });
  }),
  error('oci-signed-boot', {
    what: 'A site with instances of Oracle Cloud Infrastructure must not have signed boots.',
    why: "Instances start with OCI's own iPXE, which trusts no custom authority: it reports that it cannot verify the entry script, and retries forever.",
  }).check((site, report) => {
    const { server } = site;
    if (!server?.sign) return;
    const nodes = instances.ofSite(site);
    const [first, another] = nodes;
    if (!first) return;
    report(locationOf(server, 'sign'), {
      message: `${namesOf(nodes)} ${another ? 'start' : 'starts'} with OCI's own iPXE, which cannot verify signatures of ${server.sign.signer ?? 'the signer'}: it never runs the entry script.`,
      related: [{ message: 'oci is set at', at: locationOf(first, 'oci') }],
      help: 'remove server.sign, and restrict access to the boot server and its subnet; or move these machines to a separate site',
    });
  }),
  essential('oci-dhcp', {
    what: "The network of an instance of Oracle Cloud Infrastructure must have the cloud's DHCP server: `dhcp: {server: external}`.",
    why: 'A VCN answers DHCP itself and forwards no broadcasts: another server never receives the requests of an instance, which gets no IP address without DHCP.',
  }).check(instances.eachOnce, (node, report) => {
    const network = node.bootNic?.network;
    // oci-virtual-machine reports a node that is also a virtual machine of the host.
    if (node.domain || !network || isBroken(network, 'dhcp')) return;
    const { dhcp } = network;
    if (dhcp?.server === 'external' || (dhcp && isBroken(dhcp, 'server'))) return;
    report(dhcp ? locationOf(dhcp, 'server') : locationOf(network, 'name'), {
      message: `${node.name} is an instance of OCI, but its network ${network.name} has ${dhcp ? `the DHCP server ${dhcp.server}` : 'no DHCP server'}: only OCI itself can answer there.`,
      fix: safeFix(
        dhcp ? setKey(dhcp, 'server', 'external') : setKey(network, 'dhcp', { server: 'external' }),
      ),
      help: 'set `dhcp: {server: external}` for the network',
    });
  }),
  error('oci-gateway', {
    what: 'The gateway of a network of Oracle Cloud Infrastructure must be the first host address of its subnet.',
    why: 'This is the virtual router of the VCN, and the only one: packets to another IP address are lost.',
  }).check((site, report) => {
    for (const network of new Set(instances.ofSite(site).map(({ bootNic }) => bootNic?.network))) {
      const router = network && routerOf(network);
      if (!network?.gateway || !router || network.gateway === router) continue;
      report(locationOf(network, 'gateway'), {
        message: `The gateway of ${network.name} is ${network.gateway}, but OCI's virtual router is the first host address of the subnet: ${router}.`,
        fix: safeFix(setKey(network, 'gateway', router)),
        help: `set gateway: ${router}; the route table of the subnet determines all further routes`,
      });
    }
  }),
  error('oci-subnet-differs', {
    what: 'Each network of instances of Oracle Cloud Infrastructure must be exactly one subnet of OCI.',
    why: 'An instance can have only an IP address of its subnet: OCI rejects a launch with an IP address of another network.',
  }).check((site, report) => {
    const byNetwork = new Map<Draft<Network>, Draft<OciInstance>>();
    const bySubnet = new Map<string, Draft<Network>>();
    for (const node of instances.ofSite(site)) {
      const network = node.bootNic?.network;
      const { oci } = node;
      if (!network || oci.subnet === undefined) continue;
      const sameNetwork = byNetwork.get(network);
      const sameSubnet = bySubnet.get(oci.subnet);
      const at = locationOf(oci, 'subnet');
      const find = (finding: Finding) => report(at, { node, dedupe: true, ...finding });
      if (sameNetwork && sameNetwork.subnet !== oci.subnet)
        find({
          message: `${node.name} is in a different subnet of OCI than other nodes of the network ${network.name}: OCI rejects its IP address.`,
          related: [{ message: 'the other subnet is set at', at: locationOf(sameNetwork, 'subnet') }],
          help: 'define a separate network for each subnet of OCI, with its IP addresses',
        });
      else if (sameSubnet && sameSubnet !== network)
        find({
          message: `${node.name} is on the network ${network.name}, but in a subnet of OCI whose network is ${sameSubnet.name}: OCI rejects its IP address.`,
          related: [{ message: 'that network is defined at', at: locationOf(sameSubnet, 'name') }],
          help: `set the subnet of OCI with ${network.subnet?.text ?? 'its IP addresses'}`,
        });
      if (!sameNetwork) byNetwork.set(network, oci);
      if (!sameSubnet) bySubnet.set(oci.subnet, network);
    }
  }),
  error('oci-reserved-address', {
    what: 'Instances of Oracle Cloud Infrastructure, and their VIPs, must not have an IP address that OCI reserves.',
    why: 'OCI reserves the first two IP addresses and the last one of each subnet, and rejects a launch with one of them.',
  }).check((site, report) => {
    for (const { name, bootNic, cluster } of instances.ofSite(site)) {
      const router = bootNic?.network && routerOf(bootNic.network);
      // address-of-infrastructure reports the IP address of the gateway.
      if (!router || router === bootNic.network.gateway) continue;
      const addresses = [
        { what: `the IP address of ${name}`, address: bootNic.ip, at: locationOf(bootNic, 'ip') },
        ...(cluster
          ? [{ what: `the VIP of ${cluster.name}`, address: cluster.vip, at: locationOf(cluster, 'vip') }]
          : []),
      ];
      for (const { what, address, at } of addresses)
        if (address === router)
          report(at, {
            dedupe: true,
            message: `${address} is ${what}, but OCI reserves it: the first two IP addresses of ${bootNic.network.subnet?.text} and the last one.`,
            help: 'choose the third IP address or a later one',
          });
    }
  }),
  error('oci-regions-differ', {
    what: 'All resources of an instance of Oracle Cloud Infrastructure must be in the same region, which `region` must match.',
    why: 'A region does not have the resources of another: OCI rejects the launch with NotAuthorizedOrNotFound, without the reason.',
  }).check(instances.eachOnce, (node, report) => {
    const [first, ...others] = regionals(node.oci).filter(({ region }) => region !== undefined);
    for (const other of others)
      if (first && other.region !== first.region)
        report(other.at, {
          message: `${other.key} of ${node.name} is in the region ${other.region}, but its ${first.key} is in ${first.region}: OCI rejects the launch.`,
          related: [{ message: `${first.key} is set at`, at: first.at }],
          help: 'set a value of the region of the subnet: the fourth word of an OCID is its region, as is the text after the colon of an availability domain',
        });
  }),
  warning('oci-one-fault-domain', {
    what: 'The nodes of a cluster on Oracle Cloud Infrastructure must be in three fault domains.',
    why: 'The hardware of a fault domain fails, and is maintained, together: without two of three nodes, the cluster stops.',
  }).check(per.cluster, (cluster, report) => {
    const members = cluster.members ?? [];
    const domains = members.map((node) => node?.oci && domainOf(node.oci));
    // OCI chooses the fault domain of a node without one.
    if (members.length < FAULT_DOMAINS || domains.some((domain) => domain === undefined)) return;
    const distinct = [...new Set(domains)];
    const [first] = members;
    if (distinct.length >= FAULT_DOMAINS || !first?.oci) return;
    report(locationOf(first.oci, 'faultDomain'), {
      message: `The ${members.length} nodes of ${cluster.name} are in ${listed(distinct.map(String))}: the failure of one fault domain may stop the cluster.`,
      help: 'set a different fault domain for each of three nodes, or remove fault_domain: OCI then chooses',
    });
  }),
  warning('oci-host-name', {
    what: 'An air-gapped site on Oracle Cloud Infrastructure must name servers by IP address.',
    why: 'The security list allows traffic to the servers in the inventory, but its rules accept only IP addresses: machines cannot reach a server outside the subnet by name.',
  }).check(({ airGapped, server, nodes = [] }, report) => {
    if (!airGapped || !server || !nodes.some((node) => node?.oci)) return;
    const { host, media } = server;
    const files = media?.url === undefined ? undefined : new URL(media.url).hostname;
    const fetchedFrom = [
      { what: 'The boot server', host, at: locationOf(server, 'url') },
      ...(files === host
        ? []
        : [{ what: 'The server of installation media', host: files, at: locationOf(server, 'media') }]),
    ];
    for (const { what, host, at } of fetchedFrom)
      if (host && ipv4Number(host) === undefined)
        report(at, {
          message: `${what} is ${host}, but rules of the security list cannot contain names: instances reach it only in their own subnet.`,
          help: 'set its IP address; or add a rule to the security list manually and silence: {oci-host-name: "the reason"} here',
        });
  }),
];

/** Returns OCI's virtual router, the second IP address of a subnet. The first and the last are not host addresses anywhere. */
function routerOf({ subnet }: Draft<Network>): string | undefined {
  return subnet?.first === undefined ? undefined : ipv4Text(subnet.first + 1);
}

/** Returns the keys of an instance with their regions, the most reliable first. */
function regionals(oci: Draft<OciInstance>) {
  const { region = '', subnet = '', image = '', availabilityDomain: domain = '', nsgs = [] } = oci;
  const at = locationOf(oci, 'availabilityDomain');
  return [
    { key: 'region', region: ociRegion(region), at: locationOf(oci, 'region') },
    { key: 'subnet', region: regionOfOcid(subnet), at: locationOf(oci, 'subnet') },
    { key: 'image', region: regionOfOcid(image), at: locationOf(oci, 'image') },
    { key: 'availability_domain', region: regionOfDomain(domain), at },
    ...nsgs.map((id = '', index) => ({ key: 'nsgs', region: regionOfOcid(id), at: locationOf(nsgs, index) })),
  ];
}

function domainOf({ availabilityDomain, faultDomain }: Draft<OciInstance>): string | undefined {
  return availabilityDomain && faultDomain && `${faultDomain} of ${availabilityDomain}`;
}
