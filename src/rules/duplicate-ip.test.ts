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
  'one management controller of two nodes': {
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, bmc: { address: 192.168.178.141, mac: 52-54-00-AA-09-01 } }',
      ],
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43, bmc: { address: 192.168.178.141, mac: "52:54:00:aa:09:01" } }',
      ],
    ],
  },
  'two management controllers with one address': {
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, bmc: { address: 192.168.178.141, mac: "52:54:00:aa:09:02" } }',
      ],
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43, bmc: { address: 192.168.178.141, mac: "52:54:00:aa:09:03" } }',
      ],
    ],
    finds: [
      {
        at: '25:73',
        message:
          'The address 192.168.178.141 of the management controller of harv-3 is also that of the management controller of harv-2: they would cut each other off.',
        related: ['24:73'],
      },
    ],
  },
  'one address of management controllers of which nothing else is known': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { address: bmc.example.org } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, bmc: { address: bmc.example.org } }'],
    ],
    finds: [
      {
        at: '25:73',
        message:
          'The address bmc.example.org of the management controller of harv-3 is also that of the management controller of harv-2: they would cut each other off.',
        related: ['24:73'],
      },
    ],
  },
  'the same of nodes whose xnames say one controller': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, xname: x1c0s0b0n0, bmc: { address: bmc.example.org } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, xname: x1c0s0b0n1, bmc: { address: bmc.example.org } }'],
    ],
  },
  'the same of nodes whose xnames say two': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, xname: x1c0s0b0n0, bmc: { address: bmc.example.org } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, xname: x1c0s0b1n0, bmc: { address: bmc.example.org } }'],
    ],
    finds: [
      {
        at: '25:92',
        message:
          'The address bmc.example.org of the management controller of harv-3 is also that of the management controller of harv-2: they would cut each other off.',
        related: ['24:92'],
      },
    ],
  },
});
