import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateIp } from './duplicate-ip.ts';

ruleTest(duplicateIp, {
  'an address given to two nodes': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.42']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.42 of harv-3 is also that of harv-2: they would cut each other off.',
        related: ['24:41'],
      },
    ],
  },
  'an address given to three nodes: each names the first': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.41'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.41'],
    ],
    finds: [
      {
        at: '24:41',
        message:
          'The address 192.168.178.41 of harv-2 is also that of harv-1: they would cut each other off.',
        related: ['23:41'],
      },
      {
        at: '25:41',
        message:
          'The address 192.168.178.41 of harv-3 is also that of harv-1: they would cut each other off.',
        related: ['23:41'],
      },
    ],
  },
  'an address of two nodes that nothing else tells apart': {
    edits: [
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
      ['{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }', '{ ip: 192.168.178.43 }'],
      ['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', '{ ip: 192.168.178.43 }'],
    ],
    finds: [
      {
        at: '24:17',
        message:
          'The address 192.168.178.43 of harv-3 is also that of harv-2: they would cut each other off.',
        related: ['23:17'],
      },
    ],
  },
  'a second NIC with the address of another node': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, ip: 10.0.0.2 }] }',
      ],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.2 }] }',
      ],
    ],
    finds: [
      {
        at: '26:98',
        message: 'The address 10.0.0.2 of harv-3 is also that of harv-2: they would cut each other off.',
        related: ['25:98'],
      },
    ],
  },
  'a machine that boots its own disk counts too': {
    silence: ['two-node-cluster'],
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.42, boot: { os: local }']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.42 of harv-3 is also that of harv-2: they would cut each other off.',
        related: ['24:41'],
      },
    ],
  },
  'two NICs without an address': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }, { mac: 52:54:00:aa:03:03 }] }',
      ],
    ],
  },
  'addresses that differ in one digit': { edits: [['ip: 192.168.178.43', 'ip: 192.168.178.142']] },
  'the address of a management controller': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { address: 192.168.178.41 } }']],
    finds: [
      {
        at: '24:73',
        message:
          'The address 192.168.178.41 of the management controller of harv-2 is also that of harv-1: they would cut each other off.',
        related: ['23:41'],
      },
    ],
  },
});
