import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { RACK } from '../../test/support/rack.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import {
  coredhcpNoBootFile,
  coredhcpOneNetwork,
  dhcpNeedsAddress,
  dhcpServerOnHost,
  dhcpWithoutServer,
  hostsFilesWithoutDnsmasq,
  keaSharedAddress,
  keaSharedInterface,
  severalDhcpServers,
} from './dhcp.ts';

ruleTest(dhcpWithoutServer, {
  'DHCP on a network without': {
    silence: ['static-needs-default-route'],
    edits: [
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
      [
        '{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }], mode: create }',
      ],
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }',
      ],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }], config: { install: { management_interface: { method: dhcp } } } }',
      ],
    ],
    finds: [
      {
        at: '23:134',
        message:
          'harv-3 is to get its address by DHCP, and its network mgmt has no DHCP server: it would ask for ever.',
        related: ['7:3'],
      },
    ],
  },
  'DHCP where there is a server, and static where there is one': {
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, config: { install: { management_interface: { method: dhcp } } } }',
      ],
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43, config: { install: { management_interface: { method: static } } } }',
      ],
    ],
  },
});

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';
const DNSMASQ = `interface: eth0
    dhcp: { server: dnsmasq }`;

const second = (text: string) => `  storage: { subnet: 10.0.0.0/24, ${text} }\n`;

const floor = (text: string) =>
  ['cluster: {', `  floor: { subnet: 10.9.0.0/24, gateway: 10.9.0.1, ${text} }\ncluster: {`] as const;

ruleTest(severalDhcpServers, {
  'two servers, one of them on all interfaces': {
    edits: [['  mgmt:\n', `${second('dhcp: { server: isc }')}  mgmt:\n`]],
    finds: [
      {
        at: '13:7',
        message:
          "mgmt has dnsmasq for its DHCP server, and storage has ISC's dhcpd: not every network says its interface, and each would listen on all.",
        related: ['7:51'],
      },
    ],
  },
  'two servers on one interface': {
    edits: [
      ['  mgmt:\n', `${second('interface: eth0, dhcp: { server: isc }')}  mgmt:\n`],
      [DHCP, DNSMASQ],
    ],
    finds: [
      {
        at: '13:21',
        message:
          "mgmt has dnsmasq for its DHCP server, and storage has ISC's dhcpd: both would listen on eth0.",
        related: ['7:68'],
      },
    ],
  },
  'Kea beside another one, whatever the interfaces': {
    edits: [
      ['  mgmt:\n', `${second('interface: eth1, dhcp: { server: kea }')}  mgmt:\n`],
      [DHCP, DNSMASQ],
    ],
    finds: [
      {
        at: '13:21',
        message:
          'mgmt has dnsmasq for its DHCP server, and storage has Kea: Kea has no other server beside it on one machine.',
        related: ['7:68'],
      },
    ],
  },
  'each on an interface of its own': {
    edits: [
      ['  mgmt:\n', `${second('interface: eth1, dhcp: { server: isc }')}  mgmt:\n`],
      [DHCP, DNSMASQ],
    ],
  },
  "somebody else's server": {
    edits: [['  mgmt:\n', `${second('dhcp: { server: external }')}  mgmt:\n`]],
  },
  'Kea for all networks': {
    edits: [
      ['  mgmt:\n', `${second('dhcp: { server: kea }')}  mgmt:\n`],
      [DHCP, 'dhcp: { server: kea }'],
    ],
  },
  "Kea beside libvirt's": {
    of: NESTED,
    edits: [floor('interface: br0, dhcp: { server: kea }')],
    silence: ['dhcp-server-on-host'],
    finds: [
      {
        at: '19:84',
        message:
          "floor has Kea for its DHCP server, and mgmt has libvirt's: Kea has no other server beside it on one machine.",
        related: ['18:21'],
        help: 'say `server: dnsmasq`; or `server: external` where another machine serves',
      },
    ],
  },
  "coredhcp beside libvirt's, on all interfaces": {
    of: NESTED,
    edits: [floor('dhcp: { server: coredhcp }')],
    silence: ['dhcp-server-on-host'],
    finds: [
      {
        at: '19:68',
        message:
          "floor has coredhcp for its DHCP server, and mgmt has libvirt's: without an interface of its own it would answer on the other one, too.",
        related: ['18:21'],
      },
    ],
  },
  "those that can be beside libvirt's": {
    of: NESTED,
    edits: [floor('interface: br0, dhcp: { server: isc }')],
    silence: ['dhcp-server-on-host'],
  },
});

const GATEWAY = '    gateway: 192.168.150.1\n';
const BRIDGE: readonly [string, string] = [GATEWAY, `${GATEWAY}    interface: br0\n`];

ruleTest(dhcpServerOnHost, {
  'a server that nobody sets up there': {
    of: NESTED,
    edits: [BRIDGE, ['{ server: libvirt,', '{ server: isc,']],
    finds: [
      {
        at: '19:21',
        message: "mgmt has ISC's dhcpd for its DHCP server, which host-setup.sh does not set up.",
      },
    ],
  },
  dnsmasq: { of: NESTED, edits: [BRIDGE, ['{ server: libvirt,', '{ server: dnsmasq,']] },
  'a site without a host': {
    edits: [['dhcp:\n      pool: 192.168.178.200-192.168.178.250', 'dhcp: { server: isc }']],
  },
});

ruleTest(coredhcpNoBootFile, {
  'machines that boot from the network': {
    edits: [[DHCP, 'dhcp: { server: coredhcp }']],
    finds: [
      {
        at: '11:21',
        message: 'coredhcp tells no machine of mgmt what to boot: the firmware of harv-1 would find nothing.',
      },
    ],
  },
  'with what the plugin of OpenCHAMI asks': {
    edits: [
      [DHCP, 'dhcp: { server: coredhcp }'],
      ['server:\n', 'server:\n  compat: [ochami]\n'],
    ],
  },
  'GRUB, which that plugin does not hand out': {
    of: RACK,
    edits: [
      ['server: external', 'server: coredhcp'],
      ['os: linux,', 'os: linux, loader: grub,'],
    ],
    finds: [
      {
        at: '4:84',
        message: 'coredhcp hands out no GRUB: with its plugin coresmd the firmware of cg01 would load iPXE.',
        related: ['8:30'],
      },
    ],
  },
  'a network that nothing boots from': {
    edits: [
      [
        '  mgmt:\n',
        '  storage: { subnet: 10.0.0.0/24, interface: eth1, dhcp: { server: coredhcp } }\n  mgmt:\n',
      ],
      [DHCP, 'interface: eth0\n    dhcp: { server: dnsmasq }'],
    ],
  },
  pxelinux: {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['vlan: 102, dhcp: {}', 'vlan: 102, dhcp: { server: coredhcp }'],
      ['dhcp: { pool: 10.3.0.200-10.3.0.250 }', 'dhcp: { server: external }'],
      ['  iscsi:\n', '  compat: [ochami]\n  iscsi:\n'],
      ['52:54:00:0b:01:01,', '52:54:00:0b:01:01, nid: 1, xname: x1000c1s7b0n0,'],
      ['52:54:00:0b:01:02,', '52:54:00:0b:01:02, nid: 2, xname: x1000c1s7b1n0,'],
      ['52:54:00:0b:01:03,', '52:54:00:0b:01:03, nid: 3, xname: x1000c1s7b2n0,'],
    ],
    finds: [
      {
        at: '9:81',
        message:
          'coredhcp hands out no pxelinux: with its plugin coresmd the firmware of cn01 would load iPXE.',
        related: ['22:129'],
      },
    ],
  },
});

const STORAGE = '  storage: { subnet: 10.0.0.0/24, interface: eth1, dhcp: { server: coredhcp } }\n';
const MGMT = 'dhcp: { server: coredhcp }';

ruleTest(coredhcpOneNetwork, {
  'two networks': {
    silence: ['coredhcp-no-boot-file'],
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [DHCP, MGMT],
    ],
    finds: [
      {
        at: '12:21',
        message:
          'mgmt is the second network of coredhcp, which has one: its machines would get the mask and the router of storage.',
        related: ['7:68'],
      },
    ],
  },
  'one of two': {
    silence: ['coredhcp-no-boot-file'],
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24, dhcp: { server: external } }\n  mgmt:\n'],
      [DHCP, MGMT],
    ],
  },
});

const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const BOND = '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }] }';

ruleTest(keaSharedAddress, {
  'a bond of two NICs': {
    edits: [
      [DHCP, 'dhcp: { server: kea }'],
      [THIRD, BOND],
    ],
    finds: [
      {
        at: '24:68',
        message:
          'harv-3 may ask for 192.168.178.43 by 52:54:00:aa:02:03, too: Kea gives it to one NIC at a time, until the lease of 12h ends.',
        related: ['11:21'],
      },
    ],
  },
  'one NIC each': { edits: [[DHCP, 'dhcp: { server: kea }']] },
  'a bond at another server': {
    edits: [
      [DHCP, 'dhcp: { server: isc }'],
      [THIRD, BOND],
    ],
  },
});

const ON_ETH0 = (server: string) => `interface: eth0\n    dhcp: { server: ${server} }`;
const SECOND_NETWORK = (server: string, name = 'eth0') =>
  `  storage: { subnet: 10.0.0.0/24, interface: ${name}, dhcp: { server: ${server} } }\n  mgmt:\n`;

ruleTest(keaSharedInterface, {
  'two networks on one interface': {
    edits: [
      ['  mgmt:\n', SECOND_NETWORK('kea')],
      [DHCP, ON_ETH0('kea')],
    ],
    finds: [
      {
        at: '12:16',
        message: 'mgmt is on eth0, and so is storage: Kea would take its machines for those of storage.',
        related: ['7:46'],
      },
    ],
  },
  'each on its own': {
    edits: [
      ['  mgmt:\n', SECOND_NETWORK('kea', 'eth1')],
      [DHCP, ON_ETH0('kea')],
    ],
  },
  'two networks of dhcpd on one': {
    edits: [
      ['  mgmt:\n', SECOND_NETWORK('isc')],
      [DHCP, ON_ETH0('isc')],
    ],
  },
});

ruleTest(hostsFilesWithoutDnsmasq, {
  'a server that reads none': {
    edits: [[DHCP, 'dhcp: { server: isc, hosts_files: true }']],
    finds: [
      {
        at: '11:39',
        message: 'mgmt asks for hosts_files, and its DHCP server is isc, which reads none.',
        related: ['11:21'],
      },
    ],
  },
  dnsmasq: { edits: [[DHCP, 'dhcp: { hosts_files: true }']] },
  "somebody else's": { edits: [[DHCP, 'dhcp: { server: external, hosts_files: true }']] },
  'said to be none': { edits: [[DHCP, 'dhcp: { server: isc, hosts_files: false }']] },
});

ruleTest(dhcpNeedsAddress, {
  'a boot server that is known by a name': {
    edits: [
      [DHCP, 'dhcp: { server: kea }'],
      ['http://192.168.178.7', 'http://boot.example.org'],
    ],
    finds: [
      {
        at: '11:21',
        message: 'Kea, which serves mgmt, is to say an address, and boot.example.org is a name.',
        related: ['5:8'],
        help: 'write the address in server.url; or have dnsmasq for the network',
      },
    ],
  },
  pods: {
    edits: [
      [DHCP, 'dhcp: { server: isc }'],
      ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n'],
    ],
    finds: [
      {
        at: '12:21',
        message:
          "ISC's dhcpd, which serves mgmt, is to say an address, and 192.168.178.7 is that of pods, which have no TFTP.",
        related: ['6:8'],
        help: 'have dnsmasq for it, on a machine of the network',
      },
    ],
  },
  'an address': { edits: [[DHCP, 'dhcp: { server: kea }']] },
  'a name, and dnsmasq': { edits: [['http://192.168.178.7', 'http://boot.example.org']] },
});
