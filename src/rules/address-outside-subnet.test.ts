import { ruleTest } from '../../test/support/rule-test.ts';
import { addressOutsideSubnet } from './address-outside-subnet.ts';

const STORAGE = '  storage: { subnet: 10.0.0.0/24 }\n';

ruleTest(addressOutsideSubnet, {
  'an address of another subnet': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.187.43']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.187.43 of harv-3 is outside 192.168.178.0/24, the subnet of mgmt: it would reach no gateway and no other node.',
        related: ['8:13'],
      },
    ],
  },
  'the network address': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.0']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.0 of harv-3 is the network address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.255']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.255 of harv-3 is the broadcast address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address of a subnet that is not a /24': {
    edits: [
      ['subnet: 192.168.178.0/24', 'subnet: 192.168.178.0/25'],
      ['pool: 192.168.178.200-192.168.178.250', 'pool: 192.168.178.100-192.168.178.126'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.127'],
    ],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.127 of harv-3 is the broadcast address of 192.168.178.0/25: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'a second NIC, outside of the network that it names': {
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: storage, ip: 10.0.1.3 }] }',
      ],
    ],
    finds: [
      {
        at: '26:116',
        message:
          'The address 10.0.1.3 of harv-3 is outside 10.0.0.0/24, the subnet of storage: it would reach no gateway and no other node.',
        related: ['7:22'],
      },
    ],
  },
  'the last address that a host can have': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.254']],
  },
  'an address that ends with 255 and with 0, inside of a wide subnet': {
    edits: [
      ['subnet: 192.168.178.0/24', 'subnet: 192.168.0.0/16'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.255'],
      ['ip: 192.168.178.43', 'ip: 192.168.179.0'],
    ],
  },
  'a management controller with the broadcast address': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 192.168.178.255 }']],
    finds: [
      {
        at: '25:73',
        message:
          'The address 192.168.178.255 of the management controller of harv-3 is the broadcast address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'a management controller elsewhere': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 10.0.0.255 }']],
  },
  'a second NIC without an address, and one in its network': {
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: storage }, { mac: 52:54:00:aa:03:03, network: storage, ip: 10.0.0.3 }] }',
      ],
    ],
  },
});
