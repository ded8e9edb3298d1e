import { NESTED } from '../../../test/support/nested-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('libvirt-default-subnet', {
  'the subnet of the default network': {
    of: NESTED.replaceAll('192.168.150.', '192.168.122.'),
    edits: [],
    finds: [
      {
        at: '15:13',
        message:
          "The subnet 192.168.122.0/24 of mgmt overlaps libvirt's default network, 192.168.122.0/24: libvirt starts only one of them.",
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
          "The subnet 192.168.120.0/22 of vms overlaps libvirt's default network, 192.168.122.0/24: libvirt starts only one of them.",
      },
    ],
  },
  'the subnets next to it': {
    of: NESTED.replaceAll('192.168.150.', '192.168.121.'),
    edits: [
      ['cluster:', '  vms: { subnet: 192.168.123.0/24, gateway: 192.168.123.1, libvirt: {} }\ncluster:'],
    ],
  },
  'a network that libvirt does not create': {
    of: NESTED,
    edits: [['cluster:', '  lan: { subnet: 192.168.122.0/24, interface: br0 }\ncluster:']],
  },
});

const also = (address: string) =>
  ['cluster:', `  vms: { subnet: 10.20.0.0/24, libvirt: { address: ${address} } }\ncluster:`] as const;

ruleTest('libvirt-address-outside', {
  'an IP address of another network': {
    of: NESTED,
    edits: [also('10.20.1.1')],
    finds: [
      {
        at: '19:52',
        message:
          "The host's IP address 10.20.1.1 on vms is outside its subnet, 10.20.0.0/24: no machine on it can reach the host.",
        related: ['19:18'],
      },
    ],
  },
  'the network address': {
    of: NESTED,
    edits: [also('10.20.0.0')],
    finds: [
      {
        at: '19:52',
        message:
          "The host's IP address 10.20.0.0 on vms is the network address of 10.20.0.0/24: no host can have it.",
        related: ['19:18'],
      },
    ],
  },
  'the last host address': {
    of: NESTED,
    edits: [also('10.20.0.254')],
  },
});

const alsoNetwork = (network: string) =>
  ['cluster:', `  vms: { subnet: 10.20.0.0/24, ${network} }\ncluster:`] as const;

ruleTest('libvirt-network-address', {
  'DHCP on a network without an IP address of the host': {
    of: NESTED,
    edits: [alsoNetwork('dhcp: { server: libvirt }')],
    finds: [
      {
        at: '19:3',
        message:
          'The network vms has DHCP by libvirt, but the host has no IP address on it: no server answers.',
      },
    ],
  },
  'DHCP on an isolated network': {
    of: NESTED,
    edits: [alsoNetwork('dhcp: { server: libvirt }, libvirt: { forward: isolated }')],
    finds: [
      {
        at: '19:3',
        message:
          'The network vms has DHCP by libvirt, but the host has no IP address on it: no server answers.',
      },
    ],
  },
  'NAT without an IP address': {
    of: NESTED,
    edits: [alsoNetwork('libvirt: {}')],
    finds: [
      {
        at: '19:3',
        message:
          'The network vms is forwarded by libvirt (nat), but the host has no IP address on it: libvirt rejects it.',
      },
    ],
  },
  'a routed network without an IP address': {
    of: NESTED,
    edits: [alsoNetwork('libvirt: { forward: route }')],
    finds: [
      {
        at: '19:3',
        message:
          'The network vms is forwarded by libvirt (route), but the host has no IP address on it: libvirt rejects it.',
      },
    ],
  },
  'an isolated network without DHCP': {
    of: NESTED,
    edits: [alsoNetwork('libvirt: { forward: isolated }')],
  },
  'an IP address of the host without a gateway': {
    of: NESTED,
    edits: [alsoNetwork('dhcp: { server: libvirt }, libvirt: { address: 10.20.0.9 }')],
  },
  'an IP address that is the gateway': {
    of: NESTED,
    edits: [alsoNetwork('gateway: 10.20.0.1, dhcp: { server: libvirt }')],
  },
});

const listen = (address: string): readonly [string, string] => [
  '{ port: 443 }',
  `{ port: 443, address: ${address} }`,
];
const reach = (address: string): readonly [string, string] => ['lab.example.org', address];

ruleTest('host-address-taken', {
  'a port that listens on the VIP': {
    of: NESTED,
    edits: [listen('192.168.150.40')],
    finds: [
      {
        at: '11:29',
        message:
          'The IP address of the exposed port 443, 192.168.150.40, is that of the VIP of plant: the host does not have it.',
        related: ['19:17'],
      },
    ],
  },
  'a host with the IP address of a node': {
    of: NESTED,
    edits: [reach('192.168.150.42')],
    finds: [
      {
        at: '5:12',
        message:
          'The IP address of the host, 192.168.150.42, is that of the node harvester-2: the host does not have it.',
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
          'The IP address of the exposed port 443, 192.168.150.254, is that of the gateway of mgmt: the host does not have it.',
        related: ['16:14'],
      },
    ],
  },
  "the gateway, which is the host's own IP address": {
    of: NESTED,
    edits: [listen('192.168.150.1'), reach('192.168.150.1')],
  },
  'an IP address outside the site': { of: NESTED, edits: [listen('203.0.113.7'), reach('203.0.113.7')] },
});

ruleTest('bridge-taken', {
  'names with the same first 15 characters': {
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
          'The bridge virbr-tenant-ne of the network tenant-network-2 is also that of tenant-network-1: libvirt rejects the second.',
        related: ['19:3'],
      },
    ],
  },
  'interfaces that a host always or often has': {
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
          "The bridge virbr0 of the network mgmt is that of libvirt's default network: libvirt cannot create it.",
      },
      {
        at: '20:63',
        message: "The bridge lo of the network vms is the host's loopback device: libvirt cannot create it.",
      },
    ],
  },
  'an existing bridge of libvirt': {
    silence: ['boot-server-without-dns'],
    of: NESTED,
    edits: [['dhcp: { server: libvirt, pool', 'interface: virbr0\n    dhcp: { server: external, pool']],
  },
  'one bridge for two networks': {
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
        message: 'The bridge virbr-mgmt of the network vms is also that of mgmt: libvirt rejects the second.',
        related: ['14:3'],
      },
    ],
  },
  'long names, and a set bridge for one of them': {
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
  'a network on a bridge that libvirt creates for another network': {
    of: NESTED,
    edits: [['cluster:', '  vms: { subnet: 10.20.0.0/24, interface: virbr-mgmt }\ncluster:']],
    finds: [
      {
        at: '14:3',
        message:
          'The bridge virbr-mgmt of the libvirt network mgmt is also the interface of vms: libvirt cannot create it, and both networks would be on one wire.',
        related: ['19:43'],
      },
    ],
  },
  'a network on another bridge of the host': {
    of: NESTED,
    edits: [['cluster:', '  vms: { subnet: 10.20.0.0/24, interface: br0 }\ncluster:']],
  },
});

fixableRuleTest('libvirt-vlan', {
  'a network that Harvester boots from': {
    of: NESTED,
    edits: [['    dns: [192.168.150.1]\n', '    dns: [192.168.150.1]\n    vlan: 100\n']],
    finds: [
      {
        at: '18:11',
        message:
          'libvirt creates the network mgmt, on which the host has no NIC in VLAN 100: installed nodes cannot reach it.',
        help: 'remove vlan; or, for a bridge of the host in this VLAN, set it in interface, and remove libvirt and `server: libvirt`',
      },
    ],
  },
  'another network, whose VLAN no machine reads': {
    of: NESTED,
    edits: [
      ['cluster:', '  vms: { subnet: 10.9.0.0/24, gateway: 10.9.0.1, vlan: 100, libvirt: {} }\ncluster:'],
    ],
  },
  'a bridge of the host': {
    silence: ['boot-server-without-dns'],
    of: NESTED,
    edits: [
      ['    dns: [192.168.150.1]\n', '    dns: [192.168.150.1]\n    vlan: 100\n    interface: br100\n'],
      ['server: libvirt, ', ''],
    ],
  },
});
