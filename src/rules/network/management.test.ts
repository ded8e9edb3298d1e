import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { SPLIT_PLANT } from '../../../test/support/split-plant.ts';

const of = SPLIT_PLANT;
const LEASED = ['    vlan: 110\n', '    vlan: 110\n    dhcp: { server: dnsmasq }\n'] as const;
const MANAGED = '      - { mac: 52:54:00:05:01:01, ip: 10.11.0.41 }\n';
const SPARE = '      - { mac: 52:54:00:05:02:01, network: mgmt }\n';
const interfaces = (list: string) =>
  [
    'install: { device',
    `install: { management_interface: { interfaces: [${list}], bond_options: { mode: active-backup } }, device`,
  ] as const;

ruleTest('no-management-nic', {
  'no NIC on the network of the cluster': {
    of,
    edits: [
      [MANAGED, ''],
      [SPARE, ''],
    ],
    finds: [
      {
        at: '24:3',
        message: 'one has no NIC on mgmt, the management network of its cluster: the installer stops.',
        related: ['16:12'],
        help: 'list its NICs there under nics: `{mac: …, network: mgmt, ip: …}`, and boot: true for the one on pxe',
      },
    ],
  },
  'one NIC there': { of, edits: [[SPARE, '']] },
});

ruleTest('missing-address', {
  'on the management network': {
    of,
    edits: [[MANAGED, MANAGED.replace('ip: 10.11.0.41', 'network: mgmt')]],
    finds: [
      {
        at: '24:3',
        message:
          'one has no IP address on its management network, mgmt: the installed node would have none that lasts.',
        help: 'add a permanent IP address to nics[1]: `ip: …`',
      },
    ],
  },
  'at the second NIC there': {
    of,
    edits: [
      [MANAGED, MANAGED.replace('ip: 10.11.0.41', 'network: mgmt')],
      [SPARE, SPARE.replace('network: mgmt', 'ip: 10.11.0.41')],
    ],
  },
});

ruleTest('boot-nic-in-bond', {
  'by its MAC address': {
    of,
    edits: [interfaces('{ hwAddr: 52:54:00:05:01:01 }, { hwAddr: 52:54:00:05:00:01 }')],
    finds: [
      {
        at: '22:84',
        message:
          'The management bond on mgmt contains the boot NIC of one, which is on pxe: traffic over it is lost.',
        related: ['27:9'],
      },
    ],
  },
  'by its name': {
    of,
    edits: [interfaces('{ name: eno1 }, { hwAddr: 52:54:00:05:01:01 }')],
    finds: [
      {
        at: '22:53',
        message:
          'The management bond on mgmt contains the boot NIC of one, which is on pxe: traffic over it is lost.',
        related: ['27:9'],
      },
    ],
  },
  'the other NICs': { of, edits: [interfaces('{ hwAddr: 52:54:00:05:01:01 }')] },
  'a port that boots untagged and runs in a VLAN': {
    of,
    edits: [
      ['mac: 52:54:00:05:01:01', 'name: eno1, mac: 52:54:00:05:00:01'],
      interfaces('{ hwAddr: 52:54:00:05:00:01 }'),
    ],
  },
});

ruleTest('boot-server-outside-subnet', {
  'another subnet': {
    of,
    edits: [['    vlan: 110\n', '    vlan: 110\n    boot_server: 10.12.0.7\n']],
    finds: [
      {
        at: '12:18',
        message:
          "The boot server's address 10.12.0.7 on mgmt is outside its subnet, 10.11.0.0/24: machines on it need a router to reach it.",
        related: ['10:13'],
      },
    ],
  },
  'a host of the subnet': { of, edits: [['    vlan: 110\n', '    vlan: 110\n    boot_server: 10.11.0.7\n']] },
});

fixableRuleTest('boot-server-elsewhere', {
  'the URL of the other network': {
    of,
    silence: ['url-unreachable'],
    edits: [
      ['http://10.20.0.7', 'http://10.11.0.7'],
      ['    dhcp: { server: dnsmasq }\n', '    dhcp: { server: dnsmasq }\n    boot_server: 10.20.0.7\n'],
    ],
    finds: [
      {
        at: '9:18',
        message:
          'Machines boot from pxe, where the boot server is 10.20.0.7, but they fetch from server.url, 10.11.0.7.',
        related: ['4:8'],
        help: 'set server.url to http://10.20.0.7, and boot_server of the network that contains 10.11.0.7 to that',
      },
    ],
  },
  'the same address': {
    of,
    edits: [
      ['    dhcp: { server: dnsmasq }\n', '    dhcp: { server: dnsmasq }\n    boot_server: 10.20.0.7\n'],
    ],
  },
});

ruleTest('management-unreachable', {
  'a lease on a network that nothing routes to': {
    of,
    edits: [LEASED],
    finds: [
      {
        at: '9:3',
        message:
          'The installers of one fetch the ISO over mgmt, from which 10.20.0.7 is unreachable: nothing routes between it and pxe.',
        related: ['12:5'],
        help: "set boot_server of mgmt to the boot server's IP address there; or give the nodes static IP addresses: remove dhcp from mgmt",
      },
    ],
  },
  'a leg of the boot server': {
    of,
    edits: [
      ['    vlan: 110\n', '    vlan: 110\n    dhcp: { server: dnsmasq }\n    boot_server: 10.11.0.7\n'],
    ],
  },
  'a router between the two': {
    of,
    edits: [LEASED, ['10.20.0.0/24\n', '10.20.0.0/24\n    gateway: 10.20.0.1\n']],
  },
  'before v1.7.0, over the boot NIC': { of, edits: [LEASED, ['v1.7.2', 'v1.6.1']] },
});

fixableRuleTest('two-default-routes', {
  'gateways of both networks, with DHCP': {
    of,
    edits: [LEASED, ['v1.7.2', 'v1.6.1'], ['10.20.0.0/24\n', '10.20.0.0/24\n    gateway: 10.20.0.1\n']],
    finds: [
      {
        at: '8:14',
        message: 'While one install, they have two default routes: over pxe, and by DHCP over mgmt.',
        help: 'remove gateway of pxe if the boot server is on it; or remove dhcp from mgmt',
      },
    ],
  },
  'a static management network': {
    of,
    edits: [
      ['v1.7.2', 'v1.6.1'],
      ['10.20.0.0/24\n', '10.20.0.0/24\n    gateway: 10.20.0.1\n'],
    ],
  },
});

fixableRuleTest('boot-network-setting', {
  'the VLAN of the network that machines boot from': {
    of,
    edits: [['    subnet: 10.20.0.0/24\n', '    subnet: 10.20.0.0/24\n    vlan: 20\n']],
    finds: [
      {
        at: '8:11',
        message: 'VLAN 20 of pxe has no effect: machines boot from it untagged, and run on mgmt.',
        help: 'remove it; the switch port carries this network untagged',
      },
    ],
  },
  'instead of the VLAN of the management network': {
    of,
    edits: [
      ['    vlan: 110\n', ''],
      ['    subnet: 10.20.0.0/24\n', '    subnet: 10.20.0.0/24\n    vlan: 110\n'],
    ],
    finds: [
      {
        at: '8:11',
        message:
          'VLAN 110 of pxe has no effect: machines boot from it untagged, and run on mgmt, which has no VLAN.',
        help: 'remove it; or, if it is that of the installed nodes, set it for mgmt',
      },
    ],
  },
  'a large MTU of the network that machines boot from': {
    of,
    edits: [['    subnet: 10.20.0.0/24\n', '    subnet: 10.20.0.0/24\n    mtu: 9000\n']],
    finds: [
      {
        at: '8:10',
        message:
          'The MTU 9000 of pxe is only for machines while they boot: they run on mgmt, which has no MTU.',
        help: 'remove it; or, if it is that of the installed nodes, set it for mgmt',
      },
    ],
  },
  'an MTU of both networks': {
    of,
    edits: [
      ['    subnet: 10.20.0.0/24\n', '    subnet: 10.20.0.0/24\n    mtu: 9000\n'],
      ['    vlan: 110\n', '    vlan: 110\n    mtu: 9000\n'],
    ],
  },
  'the VLAN of the management network alone': { of },
});

ruleTest('missing-gateway', {
  'only the network that machines boot from has one': {
    of,
    edits: [
      ['    gateway: 10.11.0.1\n', ''],
      ['    subnet: 10.20.0.0/24\n', '    subnet: 10.20.0.0/24\n    gateway: 10.20.0.1\n'],
    ],
    finds: [
      {
        at: '10:3',
        message:
          'The management network mgmt has no gateway. Only pxe, which they boot from, has one. The installer rejects the configuration, or stops without a default route.',
      },
    ],
  },
  'only the management network has one': { of },
});

ruleTest('vip-outside-subnet', {
  'on the network that machines boot from': {
    of,
    edits: [['vip: 10.11.0.40', 'vip: 10.20.0.40']],
    finds: [
      {
        at: '17:8',
        message:
          'The VIP 10.20.0.40 is outside 10.11.0.0/24, the subnet of the nodes of plant: no host receives its ARP announcements.',
        related: ['10:13'],
        help: 'choose a free IP address in 10.11.0.0/24',
      },
    ],
  },
  'on the management network': { of },
});

ruleTest('static-needs-default-route', {
  'no gateway where machines boot': {
    of,
    edits: [['v1.7.2', 'v1.4.1']],
    finds: [
      {
        at: '2:23',
        message:
          'The network pxe has no gateway: the installer of v1.4.1 stops with "No default route found" before it sets static IP addresses.',
        related: ['6:3'],
      },
    ],
  },
  'a gateway there': {
    of,
    edits: [
      ['v1.7.2', 'v1.4.1'],
      ['10.20.0.0/24\n', '10.20.0.0/24\n    gateway: 10.20.0.1\n'],
    ],
  },
});

ruleTest('static-needs-dns', {
  'no DNS servers of the management network': {
    of,
    edits: [['    dns: [10.11.0.1]\n', '']],
    finds: [
      {
        at: '9:3',
        message:
          'The network mgmt has no DNS servers, but one has a static IP address on it: the installer stops.',
        related: ['23:3'],
      },
    ],
  },
  'none where machines boot': { of },
});

const LACP = [
  'install: { device',
  'install: { management_interface: { bond_options: { mode: 802.3ad, miimon: "100" } }, device',
] as const;

fixableRuleTest('bond-lacp', {
  'a bond that asks for a lease': {
    of,
    edits: [
      LACP,
      ['    vlan: 110\n', '    vlan: 110\n    dhcp: { server: dnsmasq }\n    boot_server: 10.11.0.7\n'],
    ],
    finds: [
      {
        at: '24:62',
        message:
          'The management bond uses LACP (802.3ad): the installer of v1.7.2 often stops ("Can\'t apply networks") before LACP is up.',
      },
    ],
  },
  'a bond beside the boot NIC, with static IP addresses': { of, edits: [LACP] },
});

ruleTest('duplicate-mac', {
  'a port with two untagged networks': {
    of,
    edits: [
      ['    vlan: 110\n', ''],
      ['mac: 52:54:00:05:01:01', 'mac: 52:54:00:05:00:01'],
    ],
    finds: [
      {
        at: '27:16',
        message:
          "The MAC address 52:54:00:05:00:01 of one is also set for one: one of them gets the other's files.",
        related: ['26:28'],
      },
    ],
  },
  'a port that boots untagged and runs in a VLAN': {
    of,
    edits: [['mac: 52:54:00:05:01:01', 'mac: 52:54:00:05:00:01']],
  },
});
