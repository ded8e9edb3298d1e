import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateMac } from './duplicate-mac.ts';

const BY_DHCP = '  vip: 192.168.178.40\n  vip_mode: dhcp\n  vip_hw_addr: ';

ruleTest(duplicateMac, {
  'one MAC address for two nodes': {
    edits: [['mac: 52:54:00:aa:01:03', 'mac: 52:54:00:aa:01:02']],
    finds: [
      {
        at: '25:18',
        message:
          "The MAC address 52:54:00:aa:01:02 of harv-3 is also that of harv-2: one of them would get the other's files.",
        related: ['24:18'],
      },
    ],
  },
  'one MAC address in two spellings': {
    edits: [['mac: 52:54:00:aa:01:03', 'mac: 52-54-00-AA-01-01']],
    finds: [
      {
        at: '25:18',
        message:
          "The MAC address 52:54:00:aa:01:01 of harv-3 is also that of harv-1: one of them would get the other's files.",
        related: ['23:18'],
      },
    ],
  },
  'a second NIC with the MAC address of another node': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:01:02 }] }',
      ],
    ],
    finds: [
      {
        at: '25:75',
        message:
          "The MAC address 52:54:00:aa:01:02 of harv-3 is also that of harv-2: one of them would get the other's files.",
        related: ['24:18'],
      },
    ],
  },
  'the MAC address of the VIP is that of a node': {
    silence: ['vip-mode-dhcp'],
    edits: [['  vip: 192.168.178.40\n', `${BY_DHCP}52:54:00:aa:01:02\n`]],
    finds: [
      {
        at: '16:16',
        message:
          "The MAC address 52:54:00:aa:01:02 of the VIP of plant is also that of harv-2: one of them would get the other's files.",
        related: ['26:18'],
      },
    ],
  },
  'two VIPs with one MAC address': {
    silence: ['vip-mode-dhcp'],
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        `clusters:
  east: { vip: 192.168.178.40, vip_mode: dhcp, vip_hw_addr: 02:00:00:00:00:01, token: "\${secret:east}" }
  west: { vip: 192.168.178.39, vip_mode: dhcp, vip_hw_addr: 02:00:00:00:00:01, token: "\${secret:west}" }
`,
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '15:61',
        message:
          "The MAC address 02:00:00:00:00:01 of the VIP of west is also that of the VIP of east: one of them would get the other's files.",
        related: ['14:61'],
      },
    ],
  },
  'MAC addresses that differ in one digit': {
    edits: [['mac: 52:54:00:aa:01:03', 'mac: 52:54:00:aa:11:02']],
  },
  'a VIP with a MAC address of its own': {
    silence: ['vip-mode-dhcp'],
    edits: [['  vip: 192.168.178.40\n', `${BY_DHCP}02:00:00:03:3d:61\n`]],
  },
  'the MAC address of a management controller, which shares its port with a NIC and nothing else': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { mac: 52-54-00-AA-01-02 } }']],
    finds: [
      {
        at: '24:69',
        message:
          "The MAC address 52:54:00:aa:01:02 of the management controller of harv-2 is also that of harv-2: one of them would get the other's files.",
        related: ['24:18'],
      },
    ],
  },
  'one management controller of two nodes': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { mac: 52-54-00-AA-09-01 } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, bmc: { mac: "52:54:00:aa:09:01" } }'],
    ],
  },
  'one MAC address of two management controllers': {
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, bmc: { mac: 52-54-00-AA-09-01, address: 192.168.178.141 } }',
      ],
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43, bmc: { mac: 52-54-00-AA-09-01, address: 192.168.178.142 } }',
      ],
    ],
    finds: [
      {
        at: '25:69',
        message:
          "The MAC address 52:54:00:aa:09:01 of the management controller of harv-3 is also that of the management controller of harv-2: one of them would get the other's files.",
        related: ['24:69'],
      },
    ],
  },
});
