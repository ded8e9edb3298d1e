import { NESTED } from '../../../test/support/nested-plant.ts';
import { OCI_PLANT } from '../../../test/support/oci-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const SHAPE = '    shape: BM.DenseIO.E4.128\n';

ruleTest('oci-incomplete', {
  'defaults without a shape and an image: reported once': {
    of: OCI_PLANT,
    edits: [
      [SHAPE, ''],
      ['    image: ocid1.image.oc1.phx.aaaaimage\n', ''],
    ],
    finds: [
      {
        at: '22:5',
        message:
          'oci-1, oci-2 and oci-3 are instances of OCI and have no image and shape: they cannot be launched.',
      },
    ],
  },
  'a single node that lacks a key': {
    of: OCI_PLANT,
    edits: [
      [SHAPE, ''],
      ['ip: 10.0.10.11,', 'ip: 10.0.10.11, oci: { shape: BM.DenseIO.E4.128 },'],
      ['ip: 10.0.10.12 ', 'ip: 10.0.10.12, oci: { shape: BM.DenseIO.E5.128 } '],
    ],
    finds: [
      {
        at: '22:5',
        message: 'oci-3 is an instance of OCI and has no shape: it cannot be launched.',
      },
    ],
  },
  'keys from several layers': {
    of: OCI_PLANT,
    edits: [
      [SHAPE, ''],
      [
        'nodes:\n',
        '  profiles: [dense]\nprofiles:\n  dense: { oci: { shape: BM.DenseIO.E4.128 } }\nnodes:\n',
      ],
    ],
  },
});

const INSTANCE = `oci: { compartment: ocid1.compartment.oc1..aaaacompartment, subnet: ocid1.subnet.oc1.phx.aaaasubnet,
    image: ocid1.image.oc1.phx.aaaaimage, shape: BM.DenseIO.E4.128, availability_domain: "Uocm:PHX-AD-1" }`;

ruleTest('oci-virtual-machine', {
  'an instance that is also a virtual machine': {
    of: NESTED,
    edits: [['ip: 192.168.150.43 }', `ip: 192.168.150.43,\n    ${INSTANCE} }`]],
    finds: [
      {
        at: '28:10',
        message:
          'harvester-3 is both an instance of OCI and a virtual machine of the host: two machines would be one node.',
        related: ['23:7'],
      },
    ],
  },
  'a host with virtual machines only': { of: NESTED, edits: [] },
});

ruleTest('oci-arch', {
  'Ampere in an amd64 cluster': {
    of: OCI_PLANT,
    silence: ['oci-shape'],
    edits: [['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { shape: BM.Standard.A1.160 } }']],
    finds: [
      {
        at: '30:42',
        message:
          'oci-3 has the shape BM.Standard.A1.160, which is arm64, but boots files for amd64: its kernel does not start.',
        related: ['12:1'],
      },
    ],
  },
  'a GPU whose name also has an A': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.GPU.A100-v2.8']],
  },
});

ruleTest('oci-shape', {
  'bare metal without disks: reported once': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.Standard.E4.128']],
    finds: [
      {
        at: '25:12',
        message:
          'oci-1 has the shape BM.Standard.E4.128, which has only an iSCSI boot volume, which boot does not set: Harvester has no disk.',
      },
    ],
  },
  'a virtual machine': {
    of: OCI_PLANT,
    edits: [['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { shape: VM.DenseIO.E4.Flex } }']],
    finds: [
      {
        at: '30:42',
        message:
          'oci-3 has the shape VM.DenseIO.E4.Flex, which is a virtual machine: the machines of Harvester need nested virtualization there.',
      },
    ],
  },
  'bare metal without disks that uses its boot volume': {
    of: OCI_PLANT,
    silence: ['iscsi-management-nic'],
    edits: [
      ['BM.DenseIO.E4.128', 'BM.Standard.E4.128'],
      ['    install:\n      device: /dev/disk/by-path/pci-0000:41:00.0-nvme-1\n', ''],
      [
        'defaults:\n',
        'defaults:\n  boot: { disk: iscsi, target: "iqn.2015-02.oracle.boot:uefi", server: 169.254.0.2 }\n',
      ],
    ],
  },
  'GPUs of a series without disks': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.GPU3.8']],
    finds: [
      {
        at: '25:12',
        message:
          'oci-1 has the shape BM.GPU3.8, which has only an iSCSI boot volume, which boot does not set: Harvester has no disk.',
      },
    ],
  },
  'an unknown shape': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.Novel7.64']],
    finds: [
      {
        at: '25:12',
        message: 'oci-1 has the shape BM.Novel7.64, which is unknown: it may have no local disk.',
      },
    ],
  },
  ...Object.fromEntries(
    ['BM.Optimized3.36', 'BM.Standard.E6.256', 'BM.GPU.H100.8', 'BM.HPC.E5.144'].map((shape) => [
      `bare metal with NVMe disks, of another family: ${shape}`,
      { of: OCI_PLANT, edits: [['BM.DenseIO.E4.128', shape] as const] },
    ]),
  ),
});

ruleTest('oci-signed-boot', {
  'signatures that instances cannot verify': {
    of: OCI_PLANT,
    edits: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
    finds: [
      {
        at: '5:9',
        message:
          "oci-1, oci-2 and oci-3 start with OCI's own iPXE, which cannot verify signatures of boot.plant: it never runs the entry script.",
        related: ['23:5'],
      },
    ],
  },
  'machines with an iPXE of the site': {
    of: PLANT,
    edits: [['server:\n', 'server:\n  sign: { signer: boot.plant }\n']],
  },
});

fixableRuleTest('oci-dhcp', {
  'a DHCP server of the site, in a VCN': {
    of: OCI_PLANT,
    edits: [['{ server: external }', '{ server: dnsmasq, pool: 10.0.10.200-10.0.10.250 }']],
    finds: [
      {
        at: '11:21',
        message:
          'oci-1 is an instance of OCI, but its network vcn has the DHCP server dnsmasq: only OCI itself can answer there.',
      },
    ],
  },
  'no DHCP at all': {
    of: OCI_PLANT,
    silence: ['static-needs-default-route'],
    edits: [['    dhcp: { server: external }\n', '']],
    finds: [
      {
        at: '7:3',
        message:
          'oci-1 is an instance of OCI, but its network vcn has no DHCP server: only OCI itself can answer there.',
      },
    ],
  },
  "the cloud's DHCP server": { of: OCI_PLANT, edits: [] },
});

fixableRuleTest('oci-gateway', {
  'the last IP address of the subnet': {
    of: OCI_PLANT,
    edits: [['gateway: 10.0.10.1\n', 'gateway: 10.0.10.254\n']],
    finds: [
      {
        at: '9:14',
        message:
          "The gateway of vcn is 10.0.10.254, but OCI's virtual router is the first host address of the subnet: 10.0.10.1.",
      },
    ],
  },
  'the first host address of a subnet that does not begin at 0': {
    of: edited(OCI_PLANT, ['subnet: 10.0.10.0/24', 'subnet: 10.0.8.0/22']),
    edits: [['gateway: 10.0.10.1\n', 'gateway: 10.0.8.1\n']],
  },
  'another IP address of a network without instances': {
    of: PLANT,
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.254']],
  },
});

const SECOND = `  other:
    subnet: 10.0.11.0/24
    gateway: 10.0.11.1
    dhcp: { server: external }
`;
/** A site whose last node is in a second cluster on a second network. */
const APART = edited(
  OCI_PLANT,
  [
    'cluster:\n  vip: 10.0.10.10\n  token: ${secret:cluster_token}\n',
    `${SECOND}clusters:
  plant: { vip: 10.0.10.10, token: "\${secret:cluster_token}" }
  apart: { vip: 10.0.11.10, token: "\${secret:apart_token}" }
`,
  ],
  ['ip: 10.0.10.11,', 'cluster: plant, ip: 10.0.10.11,'],
  ['ip: 10.0.10.12 ', 'cluster: plant, ip: 10.0.10.12 '],
  ['{ ip: 10.0.10.13 }', '{ cluster: apart, mode: create, nics: [{ network: other, ip: 10.0.11.13 }] }'],
);

ruleTest('oci-subnet-differs', {
  'nodes on one network in two subnets': {
    of: OCI_PLANT,
    edits: [['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { subnet: ocid1.subnet.oc1.phx.aaaaother } }']],
    finds: [
      {
        at: '30:43',
        message:
          'oci-3 is in a different subnet of OCI than other nodes of the network vcn: OCI rejects its IP address.',
        related: ['23:13'],
      },
    ],
  },
  'nodes on two networks in one subnet': {
    of: APART,
    silence: ['two-node-cluster'],
    edits: [],
    finds: [
      {
        at: '27:13',
        message:
          'oci-3 is on the network other, but in a subnet of OCI whose network is vcn: OCI rejects its IP address.',
        related: ['7:3'],
      },
    ],
  },
  'two networks, and a subnet for each': {
    of: APART,
    silence: ['two-node-cluster'],
    edits: [['mode: create, nics', 'mode: create, oci: { subnet: ocid1.subnet.oc1.phx.aaaaother }, nics']],
  },
});

const NO_GATEWAY: [string, string] = ['    gateway: 10.0.10.1\n', '    gateway: 10.0.10.254\n'];
const WHY = 'but OCI reserves it: the first two IP addresses of 10.0.10.0/24 and the last one.';

ruleTest('oci-reserved-address', {
  "a node with the virtual router's IP address": {
    of: OCI_PLANT,
    silence: ['oci-gateway'],
    edits: [NO_GATEWAY, ['ip: 10.0.10.13', 'ip: 10.0.10.1']],
    finds: [{ at: '30:16', message: `10.0.10.1 is the IP address of oci-3, ${WHY}` }],
  },
  "a VIP with the virtual router's IP address: reported once": {
    of: OCI_PLANT,
    silence: ['oci-gateway'],
    edits: [NO_GATEWAY, ['vip: 10.0.10.10', 'vip: 10.0.10.1']],
    finds: [{ at: '13:8', message: `10.0.10.1 is the VIP of plant, ${WHY}` }],
  },
  'the first free IP address': {
    of: OCI_PLANT,
    edits: [['ip: 10.0.10.13', 'ip: 10.0.10.2']],
  },
});

const DOMAIN = '"Uocm:PHX-AD-1"';
const withRegion = (region: string): [string, string] => [
  `    availability_domain: ${DOMAIN}`,
  `    availability_domain: ${DOMAIN}\n    region: ${region}`,
];

ruleTest('oci-regions-differ', {
  'an image and a domain in another region than the subnet: each reported once': {
    of: OCI_PLANT,
    edits: [
      ['ocid1.image.oc1.phx.aaaaimage', 'ocid1.image.oc1.eu-frankfurt-1.aaaaimage'],
      [DOMAIN, '"kWVD:EU-FRANKFURT-1-AD-2"'],
    ],
    finds: [
      {
        at: '24:12',
        message:
          'image of oci-1 is in the region eu-frankfurt-1, but its subnet is in us-phoenix-1: OCI rejects the launch.',
        related: ['23:13'],
      },
      {
        at: '26:26',
        message:
          'availability_domain of oci-1 is in the region eu-frankfurt-1, but its subnet is in us-phoenix-1: OCI rejects the launch.',
        related: ['23:13'],
      },
    ],
  },
  'a security group in another region': {
    of: OCI_PLANT,
    edits: [
      ['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { nsgs: [ocid1.networksecuritygroup.oc1.iad.aaaansg] } }'],
    ],
    finds: [
      {
        at: '30:42',
        message:
          'nsgs of oci-3 is in the region us-ashburn-1, but its subnet is in us-phoenix-1: OCI rejects the launch.',
        related: ['23:13'],
      },
    ],
  },
  'the region, by its name': { of: OCI_PLANT, edits: [withRegion('us-phoenix-1')] },
  'the region, by its key': { of: OCI_PLANT, edits: [withRegion('phx')] },
  'a domain with the name of its region, without a number': {
    of: OCI_PLANT,
    edits: [
      ['ocid1.subnet.oc1.phx.aaaasubnet', 'ocid1.subnet.oc1.iad.aaaasubnet'],
      ['ocid1.image.oc1.phx.aaaaimage', 'ocid1.image.oc1.iad.aaaaimage'],
      [DOMAIN, '"Uocm:US-ASHBURN-AD-1"'],
    ],
  },
  'an unknown region': {
    of: OCI_PLANT,
    edits: [['ocid1.image.oc1.phx.aaaaimage', 'ocid1.image.oc1.xyz.aaaaimage']],
  },
});

const inDomain = (node: number, domain: number): [string, string] => [
  `ip: 10.0.10.1${node}`,
  `oci: { fault_domain: FAULT-DOMAIN-${domain} }, ip: 10.0.10.1${node}`,
];

ruleTest('oci-one-fault-domain', {
  'two of three nodes in one domain': {
    of: OCI_PLANT,
    edits: [inDomain(1, 1), inDomain(2, 2), inDomain(3, 1)],
    finds: [
      {
        at: '28:33',
        message:
          'The 3 nodes of plant are in FAULT-DOMAIN-1 of Uocm:PHX-AD-1 and FAULT-DOMAIN-2 of Uocm:PHX-AD-1: the failure of one fault domain may stop the cluster.',
      },
    ],
  },
  'a node without a fault domain': { of: OCI_PLANT, edits: [inDomain(1, 1), inDomain(3, 1)] },
  'the same of several availability domains': {
    of: OCI_PLANT,
    edits: [1, 2, 3].map((node): [string, string] => [
      `ip: 10.0.10.1${node}`,
      `oci: { fault_domain: FAULT-DOMAIN-1, availability_domain: "Uocm:PHX-AD-${node}" }, ip: 10.0.10.1${node}`,
    ]),
  },
});

const AIR_GAP: [string, string] = ['site: plant\n', 'air_gapped: true\nsite: plant\n'];
const NO_NAMES =
  'but rules of the security list cannot contain names: instances reach it only in their own subnet.';
ruleTest('oci-host-name', {
  'a boot server with a name': {
    of: OCI_PLANT,
    silence: ['air-gapped'],
    edits: [AIR_GAP, ['http://10.0.10.5', 'http://boot.plant.example']],
    finds: [{ at: '6:8', message: `The boot server is boot.plant.example, ${NO_NAMES}` }],
  },
  'a server of installation media with a name': {
    of: OCI_PLANT,
    silence: ['air-gapped'],
    edits: [AIR_GAP, ['http://10.0.10.5', 'http://10.0.10.5\n  media: http://files.plant.example']],
    finds: [{ at: '7:10', message: `The server of installation media is files.plant.example, ${NO_NAMES}` }],
  },
  addresses: {
    of: OCI_PLANT,
    silence: ['air-gapped'],
    edits: [AIR_GAP, ['http://10.0.10.5', 'http://10.0.10.5\n  media: http://10.0.20.7/harvester']],
  },
  'a name on a site with internet access': {
    of: OCI_PLANT,
    edits: [['http://10.0.10.5', 'http://boot.plant.example']],
  },
});
