import { ruleTest } from '../../test/support/rule-test.ts';
import { contradictsDerived } from './contradicts-derived.ts';

const HARV_1 = 'ip: 192.168.178.41, mode: create }';
const HARV_2 = 'ip: 192.168.178.42 }';

/** Gives harv-1 a configuration of its own. */
function harv1(config: string): [string, string] {
  return [HARV_1, `ip: 192.168.178.41, mode: create, config: ${config} }`];
}

/** Gives harv-2 a configuration of its own. */
function harv2(config: string): [string, string] {
  return [HARV_2, `ip: 192.168.178.42, config: ${config} }`];
}

ruleTest(contradictsDerived, {
  'another host name': {
    edits: [harv2('{ os: { hostname: harv-9 } }')],
    finds: [
      {
        at: '24:83',
        message: 'The configuration of harv-2 says os.hostname: harv-9, and the site says harv-2.',
        related: ['24:3'],
      },
    ],
  },
  'one host name for all, in defaults: said once': {
    edits: [['ssh_authorized_keys:', 'hostname: harv-1,\n      ssh_authorized_keys:']],
    finds: [
      {
        at: '19:17',
        message: 'The configuration of harv-2 says os.hostname: harv-1, and the site says harv-2.',
        related: ['25:3'],
      },
    ],
  },
  'another mode than the one stated': {
    edits: [harv1('{ install: { mode: join } }')],
    finds: [
      {
        at: '23:98',
        message: 'The configuration of harv-1 says install.mode: join, and the site says create.',
        related: ['23:63'],
      },
    ],
  },
  'another mode than the one that follows from none being stated': {
    edits: [harv2('{ install: { mode: create } }')],
    finds: [
      {
        at: '24:84',
        message: 'The configuration of harv-2 says install.mode: create, and the site says join.',
        related: ['24:3'],
      },
    ],
  },
  'another role': {
    edits: [[HARV_2, 'ip: 192.168.178.42, role: worker, config: { install: { role: witness } } }']],
    finds: [
      {
        at: '24:98',
        message: 'The configuration of harv-2 says install.role: witness, and the site says worker.',
        related: ['24:63'],
      },
    ],
  },
  'another token, which is not shown': {
    edits: [['  config:\n', '  config:\n    token: ${secret:other_token}\n']],
    finds: [
      {
        at: '18:12',
        message: 'The configuration of harv-1 says token: one, and the site says another.',
        related: ['15:10'],
      },
    ],
  },
  'a token that differs in case alone: it is another one': {
    silence: ['clear-text-secret', 'token-short'],
    edits: [['token: ${secret:cluster_token}', 'token: Abcdefgh'], harv2('{ token: abcdefgh }')],
    finds: [
      {
        at: '24:74',
        message: 'The configuration of harv-2 says token: one, and the site says another.',
        related: ['15:10'],
      },
    ],
  },
  'another VIP and VIP mode': {
    edits: [harv1('{ install: { vip: 192.168.178.39, vip_mode: dhcp } }')],
    finds: [
      {
        at: '23:97',
        message:
          'The configuration of harv-1 says install.vip: 192.168.178.39, and the site says 192.168.178.40.',
        related: ['14:8'],
      },
      {
        at: '23:123',
        message: 'The configuration of harv-1 says install.vip_mode: dhcp, and the site says static.',
        related: ['13:1'],
      },
    ],
  },
  'another MAC address of the VIP': {
    silence: ['vip-mode-dhcp'],
    edits: [
      [
        '  vip: 192.168.178.40\n',
        '  vip: 192.168.178.40\n  vip_mode: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61\n',
      ],
      harv1('{ install: { vip_hw_addr: "02:00:00:03:3d:62" } }'),
    ],
    finds: [
      {
        at: '25:105',
        message:
          'The configuration of harv-1 says install.vip_hw_addr: 02:00:00:03:3d:62, and the site says 02:00:00:03:3d:61.',
        related: ['16:16'],
      },
    ],
  },
  'other facts of a static management interface': {
    edits: [
      ['192.168.178.1\n    dns', '192.168.178.1\n    vlan: 100\n    mtu: 9000\n    dns'],
      [
        HARV_2,
        `ip: 192.168.178.42, config: { install: { management_interface: {
      method: static,
      ip: 192.168.178.99,
      subnet_mask: 255.255.0.0,
      gateway: 192.168.178.2,
      vlan_id: 101,
      mtu: 1500,
    } } } }`,
      ],
    ],
    finds: [
      {
        at: '28:11',
        message:
          'The configuration of harv-2 says install.management_interface.ip: 192.168.178.99, and the site says 192.168.178.42.',
        related: ['26:41'],
      },
      {
        at: '29:20',
        message:
          'The configuration of harv-2 says install.management_interface.subnet_mask: 255.255.0.0, and the site says 255.255.255.0.',
        related: ['8:13'],
      },
      {
        at: '30:16',
        message:
          'The configuration of harv-2 says install.management_interface.gateway: 192.168.178.2, and the site says 192.168.178.1.',
        related: ['9:14'],
      },
      {
        at: '31:16',
        message:
          'The configuration of harv-2 says install.management_interface.vlan_id: 101, and the site says 100.',
        related: ['10:11'],
      },
      {
        at: '32:12',
        message:
          'The configuration of harv-2 says install.management_interface.mtu: 1500, and the site says 9000.',
        related: ['11:10'],
      },
    ],
  },
  'the same facts, said twice': {
    edits: [
      harv1(
        '{ scheme_version: 1, os: { hostname: harv-1 }, install: { mode: create, vip: 192.168.178.40, vip_mode: static } }',
      ),
      harv2('{ token: "${secret:cluster_token}", install: { mode: join } }'),
    ],
  },
  'one MAC address in two spellings': {
    silence: ['vip-mode-dhcp'],
    edits: [
      [
        '  vip: 192.168.178.40\n',
        '  vip: 192.168.178.40\n  vip_mode: dhcp\n  vip_hw_addr: 02-00-00-03-3D-61\n',
      ],
      harv1('{ install: { vip_hw_addr: "02:00:00:03:3D:61" } }'),
    ],
  },
  'a VIP in defaults, which reaches the create node alone': {
    edits: [['    install:\n', '    install:\n      vip: 192.168.178.40\n']],
  },
  'what the site does not say': {
    silence: ['even-etcd-members', 'mtu-differs', 'vlan-differs'],
    edits: [harv2('{ install: { role: worker, management_interface: { vlan_id: 100, mtu: 9000 } } }')],
  },
});
