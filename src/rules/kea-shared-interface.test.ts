import { ruleTest } from '../../test/support/rule-test.ts';
import { keaSharedInterface } from './kea-shared-interface.ts';

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';
const ON_ETH0 = (server: string) => `interface: eth0\n    dhcp: { server: ${server} }`;
const STORAGE = (server: string, name = 'eth0') =>
  `  storage: { subnet: 10.0.0.0/24, interface: ${name}, dhcp: { server: ${server} } }\n  mgmt:\n`;

ruleTest(keaSharedInterface, {
  'two networks on one interface': {
    edits: [
      ['  mgmt:\n', STORAGE('kea')],
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
      ['  mgmt:\n', STORAGE('kea', 'eth1')],
      [DHCP, ON_ETH0('kea')],
    ],
  },
  'two networks of dhcpd on one': {
    edits: [
      ['  mgmt:\n', STORAGE('isc')],
      [DHCP, ON_ETH0('isc')],
    ],
  },
});
