import { ruleTest } from '../../test/support/rule-test.ts';
import { coredhcpOneNetwork } from './coredhcp-one-network.ts';

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';
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
