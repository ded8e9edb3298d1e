import { ruleTest } from '../../test/support/rule-test.ts';
import { addressInDhcpPool } from './address-in-dhcp-pool.ts';

const STORAGE =
  '  storage: { subnet: 10.0.0.0/24, dhcp: { server: external, pool: 10.0.0.100-10.0.0.199 } }\n';

ruleTest(addressInDhcpPool, {
  'an address inside the pool': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.203']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.203 of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: a stranger can be given it.',
        related: ['12:13'],
      },
    ],
  },
  'the first and the last address of the pool': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.200'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.250'],
    ],
    finds: [
      {
        at: '24:41',
        message:
          'The address 192.168.178.200 of harv-2 is inside the DHCP pool 192.168.178.200-192.168.178.250: a stranger can be given it.',
        related: ['12:13'],
      },
      {
        at: '25:41',
        message:
          'The address 192.168.178.250 of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: a stranger can be given it.',
        related: ['12:13'],
      },
    ],
  },
  'a second NIC, inside the pool of another network': {
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.150 }] }',
      ],
    ],
    finds: [
      {
        at: '26:98',
        message:
          'The address 10.0.0.150 of harv-3 is inside the DHCP pool 10.0.0.100-10.0.0.199: a stranger can be given it.',
        related: ['7:67'],
      },
    ],
  },
  'a machine that boots its own disk, since the pool does not care': {
    silence: ['two-node-cluster'],
    edits: [['ip: 192.168.178.43', 'boot: { os: local }, ip: 192.168.178.203']],
    finds: [
      {
        at: '25:62',
        message:
          'The address 192.168.178.203 of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: a stranger can be given it.',
        related: ['12:13'],
      },
    ],
  },
  'a management controller inside the pool': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 192.168.178.203 }']],
    finds: [
      {
        at: '25:73',
        message:
          'The address 192.168.178.203 of the management controller of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: a stranger can be given it.',
        related: ['12:13'],
      },
    ],
  },
  'a management controller that is known by a name, or on no network of the site': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: bmc-2.example.org }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 10.0.0.203 }'],
    ],
  },
  'addresses right before and right after the pool': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.199'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.251'],
    ],
  },
  'an address where the pool was, in a network without one': {
    edits: [
      ['dhcp:\n      pool: 192.168.178.200-192.168.178.250', 'dhcp: {}'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.203'],
    ],
  },
  'a second NIC, next to the pool of its own network': {
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.200 }] }',
      ],
    ],
  },
});
