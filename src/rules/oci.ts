import { ociRegion, regionOfDomain, regionOfOcid, shapeArch, shapeKind } from '../knowledge/clouds.ts';
import type { Network, OciInstance } from '../site/model.ts';
import { listed, namesOf } from '../source/diagnostics/words.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../source/origin.ts';
import { locationKey } from '../source/source.ts';
import { ipv4Number, ipv4Text } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { error, essential, warning } from './rule.ts';
import { grouped, nodesWhose, perCluster } from './support.ts';

const instances = nodesWhose('oci');

const NEEDED = ['compartment', 'subnet', 'image', 'shape', 'availabilityDomain'] as const;

export const ociIncomplete = essential('oci-incomplete', {
  what: 'An instance of Oracle Cloud Infrastructure has a compartment, a subnet, an image, a shape and an availability domain.',
  why: 'Without one of the five nothing can be launched.',
  check(site, report) {
    const byLack = grouped(
      instances.of(site).flatMap((node) => {
        const { oci } = node;
        const lacking = NEEDED.filter((key) => lacks(oci, key));
        const what = listed(
          lacking.map((key) => (key === 'availabilityDomain' ? 'availability_domain' : key)),
        );
        // What a layer lacks is one fault.
        return what ? [[`${locationKey(selfLocation(oci))} ${what}`, { node, what }] as const] : [];
      }),
    );
    for (const [{ node: first, what }, ...others] of byLack.values()) {
      const lacking = [first, ...others.map(({ node }) => node)];
      const another = others.length > 0;
      report({
        message: `${namesOf(lacking)} ${another ? 'are instances' : 'is an instance'} of OCI and ${another ? 'have' : 'has'} no ${what}: ${another ? 'they' : 'it'} could not be launched.`,
        at: locationOf(first, 'oci'),
        help: 'say it under oci: of the node, a profile or defaults',
      });
    }
  },
});

export const ociVirtualMachine = essential('oci-virtual-machine', {
  what: "A node is an instance of Oracle Cloud Infrastructure or a virtual machine of the site's host, and not both.",
  why: 'Both would boot with the same address and the same configuration: two machines would be one node.',
  check: instances.eachOnce((node, report) => {
    if (!node.domain || !node.facts) return;
    report({
      message: `${node.name} is an instance of OCI and a virtual machine of the host at once.`,
      at: locationOf(node, 'oci'),
      related: [{ message: 'vm is at', at: locationOf(node.facts, 'vm') }],
      help: 'keep each in a profile of its own, and let the node list one of them',
    });
  }),
});

export const ociArch = error('oci-arch', {
  what: "The shape of an instance of Oracle Cloud Infrastructure has the cluster's architecture.",
  why: 'The kernel of another architecture does not start: the machine stays in iPXE, and tries again for ever.',
  check: instances.eachOnce((node, report) => {
    const { oci, arch } = node;
    if (oci.shape === undefined || !arch) return;
    const is = shapeArch(oci.shape);
    if (is === arch) return;
    report({
      message: `${node.name} has the shape ${oci.shape}, which is ${is}, and is to run what is made for ${arch}.`,
      at: locationOf(oci, 'shape'),
      related: node.cluster
        ? [{ message: 'the architecture is set at', at: locationOf(node.cluster, 'arch') }]
        : [],
      help: `choose a shape that is ${arch}, or let the cluster be ${is}`,
    });
  }),
});

/** What becomes of Harvester on shapes that are none for it. */
const WHY_NOT = {
  virtual: "is a virtual machine: Harvester's own would run inside another, if at all",
  diskless: 'has no disk of its own, but a boot volume by iSCSI, and the inventory does not say to use that',
  unknown: 'is not known to have a disk of its own',
} as const;

const LOCAL = 'choose a shape with local NVMe disks, such as BM.DenseIO.E4.128';

const HELP = {
  virtual: LOCAL,
  diskless: `${LOCAL}; or say \`boot: { disk: iscsi, target: "iqn.2015-02.oracle.boot:uefi", server: 169.254.0.2 }\`, which is that volume`,
  unknown:
    "look it up in OCI's documentation, under Compute Shapes; where it has local NVMe disks, silence this rule",
} as const;

export const ociShape = warning('oci-shape', {
  what: 'The shape of an instance of Oracle Cloud Infrastructure is bare metal that is known to have disks of its own, or its disk is one by iSCSI.',
  why: 'Harvester is installed on a disk of the machine. Shapes without any have a boot volume by iSCSI, which is used where `boot` says so (harvester/harvester#1365, #5150).',
  check: instances.eachOnce((node, report) => {
    const { oci } = node;
    if (oci.shape === undefined || node.os !== 'harvester') return;
    const kind = shapeKind(oci.shape) ?? 'unknown';
    if (kind === 'nvme' || (node.iscsi && kind !== 'virtual')) return;
    report({
      message: `${node.name} has the shape ${oci.shape}, which ${WHY_NOT[kind]}.`,
      at: locationOf(oci, 'shape'),
      help: HELP[kind],
    });
  }),
});

export const ociSignedBoot = error('oci-signed-boot', {
  what: 'A site with instances of Oracle Cloud Infrastructure does not sign its boots.',
  why: "Instances start with OCI's own iPXE, which trusts no authority of yours: it would say that it cannot verify the first script, and try again for ever.",
  check(site, report) {
    const { server } = site;
    if (!server?.sign) return;
    const nodes = instances.of(site);
    const [first, another] = nodes;
    if (!first) return;
    report({
      message: `${namesOf(nodes)} ${another ? 'start' : 'starts'} with OCI's own iPXE, which cannot verify what ${server.sign.signer ?? 'the signer'} signs.`,
      at: locationOf(server, 'sign'),
      related: [{ message: 'oci is at', at: locationOf(first, 'oci') }],
      help: 'leave server.sign out, and keep the boot server and its subnet to yourself; or make these machines a site of their own',
    });
  },
});

export const ociDhcp = essential('oci-dhcp', {
  what: "The network of an instance of Oracle Cloud Infrastructure has the cloud's own DHCP server: `dhcp: {server: external}`.",
  why: 'A VCN answers DHCP itself, and carries no broadcasts: no other server would ever hear an instance, which could not know its address without.',
  check: instances.eachOnce((node, report) => {
    const network = node.bootNic?.network;
    // What is a virtual machine of the host, too, is at fault for that.
    if (node.domain || !network || isBroken(network, 'dhcp')) return;
    const { dhcp } = network;
    if (dhcp?.server === 'external' || (dhcp && isBroken(dhcp, 'server'))) return;
    report({
      message: `${node.name} is an instance of OCI, and its network ${network.name} has ${dhcp ? `the DHCP server ${dhcp.server}` : 'no DHCP server'}: OCI itself answers there, and nobody else can.`,
      at: dhcp ? locationOf(dhcp, 'server') : locationOf(network, 'name'),
      help: 'say `dhcp: {server: external}` of the network',
    });
  }),
});

export const ociGateway = error('oci-gateway', {
  what: 'The gateway of a network of Oracle Cloud Infrastructure is the first address of its subnet.',
  why: 'There is the virtual router of the VCN, and there is no other: what is sent to another address goes nowhere.',
  check(site, report) {
    for (const network of new Set(instances.of(site).map(({ bootNic }) => bootNic?.network))) {
      const router = network && routerOf(network);
      if (!network?.gateway || !router || network.gateway === router) continue;
      report({
        message: `The gateway of ${network.name} is ${network.gateway}, and OCI's virtual router is the first address of the subnet: ${router}.`,
        at: locationOf(network, 'gateway'),
        help: `say gateway: ${router}; where traffic goes from there, the route table of the subnet says`,
      });
    }
  },
});

export const ociSubnetDiffers = error('oci-subnet-differs', {
  what: 'A network of instances of Oracle Cloud Infrastructure is one subnet of OCI, and a subnet is one network.',
  why: 'An instance gets an address of its subnet alone: a launch with an address of another network is refused.',
  check(site, report) {
    const byNetwork = new Map<Draft<Network>, Draft<OciInstance>>();
    const bySubnet = new Map<string, Draft<Network>>();
    for (const node of instances.of(site)) {
      const network = node.bootNic?.network;
      const { oci } = node;
      if (!network || oci.subnet === undefined) continue;
      const sameNetwork = byNetwork.get(network);
      const sameSubnet = bySubnet.get(oci.subnet);
      const at = locationOf(oci, 'subnet');
      if (sameNetwork && sameNetwork.subnet !== oci.subnet) {
        report({
          node,
          dedupe: true,
          message: `${node.name} is in another subnet of OCI than other nodes of the network ${network.name}.`,
          at,
          related: [{ message: 'the other one is at', at: locationOf(sameNetwork, 'subnet') }],
          help: 'give each subnet of OCI a network of its own, with its addresses',
        });
      } else if (sameSubnet && sameSubnet !== network) {
        report({
          node,
          dedupe: true,
          message: `${node.name} is on the network ${network.name}, and in a subnet of OCI whose network is ${sameSubnet.name}.`,
          at,
          related: [{ message: 'that network is at', at: locationOf(sameSubnet, 'name') }],
          help: `say the subnet of OCI that has ${network.subnet?.text ?? 'its addresses'}`,
        });
      }
      if (!sameNetwork) byNetwork.set(network, oci);
      if (!sameSubnet) bySubnet.set(oci.subnet, network);
    }
  },
});

export const ociReservedAddress = error('oci-reserved-address', {
  what: 'No instance of Oracle Cloud Infrastructure, and no VIP of theirs, has an address that OCI keeps for itself.',
  why: 'OCI reserves the first two addresses and the last one of each subnet, and refuses a launch with one of them.',
  check(site, report) {
    for (const { name, bootNic, cluster } of instances.of(site)) {
      const router = bootNic?.network && routerOf(bootNic.network);
      // Of the gateway's own address another rule speaks.
      if (!router || router === bootNic.network.gateway) continue;
      const addresses = [
        { what: `the address of ${name}`, address: bootNic.ip, at: locationOf(bootNic, 'ip') },
        ...(cluster
          ? [{ what: `the VIP of ${cluster.name}`, address: cluster.vip, at: locationOf(cluster, 'vip') }]
          : []),
      ];
      for (const { what, address, at } of addresses) {
        if (address !== router) continue;
        report({
          dedupe: true,
          message: `${address} is ${what}, and OCI keeps it for itself: the first two addresses of ${bootNic.network.subnet?.text} and the last are reserved.`,
          at,
          help: 'choose an address from the third on',
        });
      }
    }
  },
});

/** The second address of a subnet: OCI's virtual router. The very first and the last are no host's anywhere. */
function routerOf({ subnet }: Draft<Network>): string | undefined {
  return subnet?.first === undefined ? undefined : ipv4Text(subnet.first + 1);
}

export const ociRegionsDiffer = error('oci-regions-differ', {
  what: 'The subnet, the image, the availability domain and the security groups of an instance of Oracle Cloud Infrastructure are of one region, and of the one that is said.',
  why: 'A region knows nothing of what another has: the launch would be refused as NotAuthorizedOrNotFound, which does not say what is wrong.',
  check: instances.eachOnce((node, report) => {
    const [first, ...others] = regionals(node.oci).filter(({ region }) => region !== undefined);
    for (const other of others) {
      if (!first || other.region === first.region) continue;
      report({
        message: `${other.key} of ${node.name} is of the region ${other.region}, and its ${first.key} is of ${first.region}.`,
        at: other.at,
        related: [{ message: `${first.key} is at`, at: first.at }],
        help: 'say what the region of the subnet has: an OCID has its region in its fourth word, an availability domain behind the colon',
      });
    }
  }),
});

/** What an instance has of a region, what is most probably right first. */
function regionals(oci: Draft<OciInstance>) {
  const { region = '', subnet = '', image = '', availabilityDomain = '', nsgs = [] } = oci;
  return [
    { key: 'region', region: ociRegion(region), at: locationOf(oci, 'region') },
    { key: 'subnet', region: regionOfOcid(subnet), at: locationOf(oci, 'subnet') },
    { key: 'image', region: regionOfOcid(image), at: locationOf(oci, 'image') },
    {
      key: 'availability_domain',
      region: regionOfDomain(availabilityDomain),
      at: locationOf(oci, 'availabilityDomain'),
    },
    ...nsgs.map((nsg = '', index) => ({
      key: 'nsgs',
      region: regionOfOcid(nsg),
      at: locationOf(oci.nsgs ?? [], index),
    })),
  ];
}

/** An availability domain has three. Source: OCI's documentation, Regions and Availability Domains. */
const FAULT_DOMAINS = 3;

export const ociOneFaultDomain = warning('oci-one-fault-domain', {
  what: 'The nodes of a cluster on Oracle Cloud Infrastructure are in as many fault domains as there are.',
  why: 'Hardware of one fault domain fails, and is maintained, together: of three nodes, two that are gone take the cluster along.',
  check: perCluster((cluster, report) => {
    const members = cluster.members ?? [];
    const domains = members.map((node) => node?.oci && domainOf(node.oci));
    // Where one says nothing, OCI chooses.
    if (members.length < FAULT_DOMAINS || domains.some((domain) => domain === undefined)) return;
    const distinct = [...new Set(domains)];
    const [first] = members;
    if (distinct.length >= FAULT_DOMAINS || !first?.oci) return;
    report({
      message: `The ${members.length} nodes of ${cluster.name} are in ${listed(distinct.map(String))}: what takes one fault domain away may take the cluster.`,
      at: locationOf(first.oci, 'faultDomain'),
      help: 'give each of three nodes a fault domain of its own, or leave fault_domain out, so that OCI chooses',
    });
  }),
});

function domainOf({ availabilityDomain, faultDomain }: Draft<OciInstance>): string | undefined {
  return availabilityDomain && faultDomain && `${faultDomain} of ${availabilityDomain}`;
}

export const ociHostName = warning('oci-host-name', {
  what: 'On a site on Oracle Cloud Infrastructure without a way to the internet, what machines fetch from is given by its address.',
  why: 'The security list lets them out to what the inventory names, and its rules take addresses alone: what is outside the subnet, and has a name, they do not reach.',
  check({ airGapped, server, nodes = [] }, report) {
    if (!airGapped || !server || !nodes.some((node) => node?.oci)) return;
    const { host, media } = server;
    const files = media?.url === undefined ? undefined : new URL(media.url).hostname;
    const fetchedFrom = [
      { what: 'The boot server', host, at: locationOf(server, 'url') },
      ...(files === host
        ? []
        : [{ what: "The server of Harvester's files", host: files, at: locationOf(server, 'media') }]),
    ];
    for (const { what, host, at } of fetchedFrom) {
      if (!host || ipv4Number(host) !== undefined) continue;
      report({
        message: `${what} is ${host}, and no rule of the security list can have a name: the instances do not reach it unless it is in their subnet.`,
        at,
        help: 'say it by its address, or add a rule for it to the list yourself and silence this one',
      });
    }
  },
});
