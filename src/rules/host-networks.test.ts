import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import {
  bridgeTaken,
  hostAddressTaken,
  libvirtAddressOutside,
  libvirtDefaultSubnet,
  libvirtNetworkAddress,
} from './host-networks.ts';

ruleTest(libvirtDefaultSubnet, {
  'the subnet of the default network': {
    of: NESTED.replaceAll('192.168.150.', '192.168.122.'),
    edits: [],
    finds: [
      {
        at: '15:13',
        message:
          "The subnet 192.168.122.0/24 of mgmt shares addresses with libvirt's own default network, 192.168.122.0/24: libvirt starts but one of them.",
      },
    ],
  },
  'a subnet around it': {
    of: NESTED,
    edits: [
      ['cluster:', '  vms: { subnet: 192.168.120.0/22, gateway: 192.168.120.1, libvirt: {} }\ncluster:'],
    ],
    finds: [
      {
        at: '19:18',
        message:
          "The subnet 192.168.120.0/22 of vms shares addresses with libvirt's own default network, 192.168.122.0/24: libvirt starts but one of them.",
      },
    ],
  },
  'the subnets next to it': {
    of: NESTED.replaceAll('192.168.150.', '192.168.121.'),
    edits: [
      ['cluster:', '  vms: { subnet: 192.168.123.0/24, gateway: 192.168.123.1, libvirt: {} }\ncluster:'],
    ],
  },
  'a network that libvirt does not make': {
    of: NESTED,
    edits: [['cluster:', '  lan: { subnet: 192.168.122.0/24, interface: br0 }\ncluster:']],
  },
});

const also = (address: string) =>
  ['cluster:', `  vms: { subnet: 10.20.0.0/24, libvirt: { address: ${address} } }\ncluster:`] as const;

ruleTest(libvirtAddressOutside, {
  'an address of another network': {
    of: NESTED,
    edits: [also('10.20.1.1')],
    finds: [
      {
        at: '19:52',
        message:
          "The host's address 10.20.1.1 on vms is outside its subnet, 10.20.0.0/24: no machine on it could reach the host.",
        related: ['19:18'],
      },
    ],
  },
  'the address of the network itself': {
    of: NESTED,
    edits: [also('10.20.0.0')],
    finds: [
      {
        at: '19:52',
        message:
          "The host's address 10.20.0.0 on vms is the network address of 10.20.0.0/24: no host can have it.",
        related: ['19:18'],
      },
    ],
  },
  'the last address that a host can have': {
    of: NESTED,
    edits: [also('10.20.0.254')],
  },
});

const alsoNetwork = (network: string) =>
  ['cluster:', `  vms: { subnet: 10.20.0.0/24, ${network} }\ncluster:`] as const;

ruleTest(libvirtNetworkAddress, {
  'DHCP on a network where the host has no address': {
    of: NESTED,
    edits: [alsoNetwork('dhcp: { server: libvirt }')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to serve DHCP on the network vms, and the host has no address there: nobody would answer.',
      },
    ],
  },
  'DHCP on an isolated one': {
    of: NESTED,
    edits: [alsoNetwork('dhcp: { server: libvirt }, libvirt: { forward: isolated }')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to serve DHCP on the network vms, and the host has no address there: nobody would answer.',
      },
    ],
  },
  'NAT without an address': {
    of: NESTED,
    edits: [alsoNetwork('libvirt: {}')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to forward what leaves the network vms (nat), and the host has no address there: libvirt refuses such a network.',
      },
    ],
  },
  'a routed network without an address': {
    of: NESTED,
    edits: [alsoNetwork('libvirt: { forward: route }')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to forward what leaves the network vms (route), and the host has no address there: libvirt refuses such a network.',
      },
    ],
  },
  'an isolated network of machines alone': {
    of: NESTED,
    edits: [alsoNetwork('libvirt: { forward: isolated }')],
  },
  'an address of the host alone': {
    of: NESTED,
    edits: [alsoNetwork('dhcp: { server: libvirt }, libvirt: { address: 10.20.0.9 }')],
  },
  'an address that is the gateway': {
    of: NESTED,
    edits: [alsoNetwork('gateway: 10.20.0.1, dhcp: { server: libvirt }')],
  },
});

const listen = (address: string): readonly [string, string] => [
  '{ port: 443 }',
  `{ port: 443, address: ${address} }`,
];
const reach = (address: string): readonly [string, string] => ['lab.example.org', address];

ruleTest(hostAddressTaken, {
  'a port that listens at the VIP': {
    of: NESTED,
    edits: [listen('192.168.150.40')],
    finds: [
      {
        at: '11:29',
        message:
          'The address at which port 443 listens, 192.168.150.40, is that of the VIP of plant: the host does not have it.',
        related: ['19:17'],
      },
    ],
  },
  'a host that is reached by the address of a node': {
    of: NESTED,
    edits: [reach('192.168.150.42')],
    finds: [
      {
        at: '5:12',
        message:
          'The address of the host, 192.168.150.42, is that of the node harvester-2: the host does not have it.',
        related: ['26:46'],
      },
    ],
  },
  'a gateway that is another machine': {
    of: NESTED,
    edits: [
      listen('192.168.150.254'),
      ['gateway: 192.168.150.1', 'gateway: 192.168.150.254\n    libvirt: { address: 192.168.150.1 }'],
    ],
    finds: [
      {
        at: '11:29',
        message:
          'The address at which port 443 listens, 192.168.150.254, is that of the gateway of mgmt: the host does not have it.',
        related: ['16:14'],
      },
    ],
  },
  "the gateway, which is the host's own address": {
    of: NESTED,
    edits: [listen('192.168.150.1'), reach('192.168.150.1')],
  },
  'an address beside the site': { of: NESTED, edits: [listen('203.0.113.7'), reach('203.0.113.7')] },
});

ruleTest(bridgeTaken, {
  'names that are the same as far as Linux takes them': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        `  tenant-network-1: { subnet: 10.20.1.0/24, gateway: 10.20.1.1, libvirt: {} }
  tenant-network-2: { subnet: 10.20.2.0/24, gateway: 10.20.2.1, libvirt: {} }
cluster:`,
      ],
    ],
    finds: [
      {
        at: '20:3',
        message:
          'The bridge virbr-tenant-ne of the network tenant-network-2 is that of tenant-network-1, too: libvirt refuses the second.',
        related: ['19:3'],
      },
    ],
  },
  'bridges that every host has, or may have': {
    of: NESTED,
    edits: [
      ['    dhcp: {', '    interface: virbr0\n    dhcp: {'],
      [
        'cluster:',
        '  vms: { subnet: 10.20.0.0/24, gateway: 10.20.0.1, interface: lo, libvirt: {} }\ncluster:',
      ],
    ],
    finds: [
      {
        at: '18:16',
        message:
          "The bridge virbr0 of the network mgmt is that of libvirt's own default network: libvirt cannot make it.",
      },
      {
        at: '20:63',
        message: "The bridge lo of the network vms is the host's loopback device: libvirt cannot make it.",
      },
    ],
  },
  'a bridge of libvirt that is there already, and is used as it is': {
    of: NESTED,
    edits: [['dhcp: { server: libvirt, pool', 'interface: virbr0\n    dhcp: { server: external, pool']],
  },
  'a bridge that is named twice': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        '  vms: { subnet: 10.20.0.0/24, gateway: 10.20.0.1, interface: virbr-mgmt, libvirt: {} }\ncluster:',
      ],
    ],
    finds: [
      {
        at: '19:63',
        message: 'The bridge virbr-mgmt of the network vms is that of mgmt, too: libvirt refuses the second.',
        related: ['14:3'],
      },
    ],
  },
  'long names, and a bridge named for one of them': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        `  tenant-network-1: { subnet: 10.20.1.0/24, gateway: 10.20.1.1, libvirt: {} }
  tenant-network-2: { subnet: 10.20.2.0/24, gateway: 10.20.2.1, interface: tenant-2, libvirt: {} }
cluster:`,
      ],
    ],
  },
  'a network of other addresses on a bridge that libvirt makes': {
    of: NESTED,
    edits: [['cluster:', '  vms: { subnet: 10.20.0.0/24, interface: virbr-mgmt }\ncluster:']],
    finds: [
      {
        at: '14:3',
        message:
          'The bridge virbr-mgmt that libvirt is to make for the network mgmt is the interface of vms, too: of an interface that is there libvirt makes none, and two networks would be on one wire.',
        related: ['19:43'],
      },
    ],
  },
  "a network on another bridge, which is the host's own": {
    of: NESTED,
    edits: [['cluster:', '  vms: { subnet: 10.20.0.0/24, interface: br0 }\ncluster:']],
  },
});
