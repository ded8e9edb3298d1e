import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { severalDhcpServers } from './several-dhcp-servers.ts';

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
