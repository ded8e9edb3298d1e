import { ISCSI_HARVESTER } from '../../../test/support/iscsi-harvester-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

/** Returns an edit that sets the interfaces in the configuration of harv-2. */
function harv2(interfaces: string): [string, string] {
  return [
    'ip: 192.168.178.42 }',
    `ip: 192.168.178.42, config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ];
}

/** Returns an edit that adds two NICs with names to harv-2, and interfaces of the configuration on the line below. */
function twoNics(interfaces: string): [string, string] {
  return [
    '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { name: eno2, mac: 52:54:00:aa:02:02 }],
    config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ];
}

/** An external DHCP server leases the IP addresses: a NIC needs no MAC address. */
const EXTERNAL = [
  '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
  '    dhcp: { server: external }\n',
] as const;

/** Returns an edit that adds NICs without a MAC address to harv-2, and interfaces of the configuration on the line below. */
function noMac(nics: string, interfaces: string): [string, string] {
  return [
    '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
    `{ nics: [${nics}],
    config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ];
}

ruleTest('unknown-nic', {
  'a name that no NIC has': {
    edits: [twoNics('[{ name: eno1 }, { name: eno3 }]')],
    finds: [
      {
        at: '25:79',
        message:
          'The interface eno3 is not listed under nics of harv-2: the installer stops if the machine lacks it.',
      },
    ],
  },
  'a name on a node with the short form': {
    edits: [harv2('[{ name: eno1 }]')],
    finds: [
      {
        at: '24:115',
        message:
          'The interface eno1 is not listed under nics of harv-2: the installer stops if the machine lacks it.',
      },
    ],
  },
  'a MAC address that no NIC has': {
    edits: [harv2('[{ hwAddr: "52:54:00:aa:01:01" }]')],
    finds: [
      {
        at: '24:115',
        message:
          'The interface 52:54:00:aa:01:01 is not listed under nics of harv-2: the installer stops if the machine lacks it.',
      },
    ],
  },
  'a name in defaults that one node lacks': {
    edits: [
      ['    install:\n', '    install:\n      management_interface: { interfaces: [{ name: eno1 }] }\n'],
      ...[1, 3].map((number): [string, string] => [
        `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
        `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
      ]),
    ],
    finds: [
      {
        at: '21:44',
        message:
          'The interface eno1 is not listed under nics of harv-2: the installer stops if the machine lacks it.',
      },
    ],
  },
  'a name that no NIC has, without any MAC address': {
    edits: [EXTERNAL, noMac('{ name: eno1, ip: 192.168.178.42 }', '[{ name: eno3 }]')],
    finds: [
      {
        at: '24:63',
        message:
          'The interface eno3 is not listed under nics of harv-2: the installer stops if the machine lacks it.',
      },
    ],
  },
  'the name of a NIC without a MAC address': {
    edits: [EXTERNAL, noMac('{ name: eno1, ip: 192.168.178.42 }', '[{ name: eno1 }]')],
  },
  'a name on a node with a NIC without name and MAC address': {
    edits: [EXTERNAL, noMac('{ ip: 192.168.178.42 }', '[{ name: eno1 }]')],
  },
  'a MAC address on a node with a NIC without one': {
    edits: [EXTERNAL, noMac('{ name: eno1, ip: 192.168.178.42 }', '[{ hwAddr: "52:54:00:aa:01:02" }]')],
  },
  'names of its NICs': { edits: [twoNics('[{ name: eno2 }, { name: eno1 }]')] },
  'a MAC address in capitals': { edits: [harv2('[{ hwAddr: "52:54:00:AA:01:02" }]')] },
  'a name that no NIC has, on a machine that boots its own disk': {
    edits: [
      [
        'install:\n      device',
        'install:\n      management_interface: { interfaces: [{ name: eno1 }] }\n      device',
      ],
      [
        '{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }], mode: create }',
      ],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, boot: { os: local } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, boot: { os: local } }'],
    ],
  },
});

const NIC_2 = '52:54:00:aa:02:02';

ruleTest('interface-contradicts', {
  'the name of another NIC': {
    edits: [twoNics(`[{ name: eno1, hwAddr: "${NIC_2}" }, { hwAddr: "52:54:00:aa:01:02" }]`)],
    finds: [
      {
        at: '25:71',
        message: `The interface has the name eno1 and the MAC address ${NIC_2}, but the NIC eno1 has 52:54:00:aa:01:02: one of the two is ignored.`,
        related: ['24:20'],
      },
    ],
  },
  'a name that no NIC has': {
    edits: [twoNics('[{ hwAddr: "52:54:00:aa:01:02", name: ens3 }]')],
    finds: [
      {
        at: '25:100',
        message:
          'The interface has the name ens3 and the MAC address 52:54:00:aa:01:02, but the NIC eno1 has 52:54:00:aa:01:02: one of the two is ignored.',
        related: ['24:20'],
      },
    ],
  },
  'the name and the MAC address of one NIC': {
    edits: [twoNics(`[{ name: eno1, hwAddr: 52-54-00-AA-01-02 }, { name: eno2, hwAddr: "${NIC_2}" }]`)],
  },
  'a name of a NIC that is listed without one': {
    edits: [harv2('[{ name: eno1, hwAddr: "52:54:00:aa:01:02" }]')],
  },
});

/** Returns the edits of a node whose only NIC has a name. */
function onlyNic(nic: string): (readonly [string, string])[] {
  return [
    EXTERNAL,
    ['{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }', `{ nics: [{ ${nic}, ip: 192.168.178.42 }] }`],
  ];
}

function reserved(name: string): string {
  return `harv-2 has a NIC named ${name}, which is a device of the system: the installer cannot use it.`;
}

ruleTest('reserved-nic-name', {
  'the loopback device': {
    edits: onlyNic('name: lo'),
    finds: [{ at: '23:28', message: reserved('lo') }],
  },
  'the bond': { edits: onlyNic('name: mgmt-bo'), finds: [{ at: '23:28', message: reserved('mgmt-bo') }] },
  'a VLAN of the bridge': {
    edits: onlyNic('name: mgmt-br.100'),
    finds: [{ at: '23:28', message: reserved('mgmt-br.100') }],
  },
  'the bridge, as an interface of the configuration': {
    edits: [EXTERNAL, noMac('{ name: mgmt-br, ip: 192.168.178.42 }', '[{ name: mgmt-br }]')],
    finds: [{ at: '24:71', message: reserved('mgmt-br') }],
  },
  'a NIC with its MAC address': { edits: [twoNics('[{ name: eno1 }]')] },
  'names that begin alike': { edits: onlyNic('name: lom1') },
});

const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const nics = (first: string, second: string) =>
  `{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43${first} }, { mac: 52:54:00:aa:02:03${second} }] }`;

ruleTest('several-boot-nics', {
  'two NICs to boot from': {
    edits: [[HARV_3, nics(', boot: true', ', boot: true')]],
    finds: [
      {
        at: '25:112',
        message: 'harv-3 has two boot NICs, but its files are named after one.',
        related: ['25:72'],
      },
    ],
  },
  'one boot NIC, and one with boot: false': {
    edits: [[HARV_3, nics(', boot: true', ', boot: false')]],
  },
  'no NIC with the key': { edits: [[HARV_3, nics('', '')]] },
});

const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';

/** Returns an edit that adds two NICs to the third node, which boots from the first, and interfaces. */
function third(interfaces: string, first = '') {
  return [
    THIRD,
    `{ nics: [
      { name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43${first} },
      { name: eno2, mac: 52:54:00:aa:01:04 }],
    config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ] as const;
}

/** An external DHCP server leases the IP addresses: a NIC needs no MAC address. */
const MACS = /, mac: 52:54:00:aa:01:0[34]/g;

const FOUND = {
  at: '28:50',
  message:
    'The interfaces omit the boot NIC of the node: DHCP does not lease the installed node the IP address that is reserved for it.',
  related: ['26:26'],
};

ruleTest('boot-nic-outside-bond', {
  'another NIC, by name': { edits: [third('[{ name: eno2 }]')], finds: [FOUND] },
  'another NIC, by MAC': { edits: [third('[{ hwAddr: 52:54:00:AA:01:04 }]')], finds: [FOUND] },
  'another NIC, and a static IP address': {
    edits: [
      ['version: v1.4.1', 'version: v1.4.2'],
      [THIRD, third('[{ name: eno2 }], method: static')[1]],
    ],
    finds: [
      {
        ...FOUND,
        message:
          'The interfaces omit the boot NIC of the node: its IP address would be on NICs that may be on another network.',
      },
    ],
  },
  'another NIC, both without a MAC address': {
    edits: [EXTERNAL, [THIRD, third('[{ name: eno2 }]')[1].replaceAll(MACS, '')]],
    finds: [{ ...FOUND, at: '27:50', related: ['25:7'] }],
  },
  'the boot NIC without a MAC address': {
    edits: [EXTERNAL, [THIRD, third('[{ name: eno1 }]')[1].replaceAll(MACS, '')]],
  },
  'the MAC address of another NIC, and a boot NIC without one': {
    edits: [
      EXTERNAL,
      [THIRD, third('[{ hwAddr: 52:54:00:AA:01:04 }]')[1].replace('mac: 52:54:00:aa:01:03, ', '')],
    ],
    finds: [{ ...FOUND, at: '27:50', related: ['25:7'] }],
  },
  'the boot NIC among others': { edits: [third('[{ name: eno2 }, { name: eno1 }]')] },
  'the boot NIC, by MAC': { edits: [third('[{ hwAddr: 52:54:00:AA:01:03 }]')] },
});

ruleTest('bond-nic-address', {
  'two IP addresses on the boot network': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 192.168.178.44 }] }',
      ],
    ],
    finds: [
      {
        at: '25:98',
        message:
          'harv-3 has a second IP address, 192.168.178.44, on its management network: its NICs there form one bond.',
        related: ['25:50'],
      },
    ],
  },
  'a second IP address on another network': {
    silence: ['nic-address-unused'],
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3 }] }',
      ],
    ],
  },
});

function withMode(mode: string) {
  return [
    'install:\n',
    `install:\n      management_interface: { bond_options: { mode: ${mode}, miimon: "100" } }\n`,
  ] as const;
}

const TWO_NICS =
  'nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2, mac: 52:54:00:aa:01:04 }]';

fixableRuleTest('bond-lacp', {
  '802.3ad of one NIC, for all nodes': {
    edits: [['version: v1.4.1', 'version: v1.6.1'], withMode('802.3ad')],
    finds: [
      {
        at: '21:53',
        message:
          'The management bond of one NIC uses LACP (802.3ad): the machine boots only if the switch has LACP fallback.',
      },
    ],
  },
  '802.3ad with a release that does not wait for it': {
    edits: [['version: v1.4.1', 'version: v1.7.0'], withMode('802.3ad')],
    finds: [
      {
        at: '21:53',
        message:
          'The management bond of one NIC uses LACP (802.3ad): the machine boots only if the switch has LACP fallback, and the installer of v1.7.0 often stops ("Can\'t apply networks") before LACP is up.',
      },
    ],
  },
  '802.3ad of two NICs': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.1'],
      [
        'mac: 52:54:00:aa:01:03, ip: 192.168.178.43',
        `${TWO_NICS},\n    config: { install: { management_interface: { bond_options: { mode: 802.3ad, miimon: "100" } } } }`,
      ],
    ],
    finds: [
      {
        at: '26:72',
        message:
          'The management bond uses LACP (802.3ad): the machine boots only if the switch has LACP fallback.',
      },
    ],
  },
  'active-backup': { edits: [withMode('active-backup')] },
});

const OPTIONS = 'bond_options: { mode: balance-alb, miimon: "100" }';

function forAll(mode: string) {
  return [
    'install:\n',
    `install:\n      management_interface: { bond_options: { mode: ${mode}, miimon: "100" } }\n`,
  ] as const;
}

function found(mode: string, at: string) {
  return {
    at,
    message: `The bond has one NIC, but its mode ${mode} is for several: it has no benefit, and may require a configured switch.`,
  };
}

fixableRuleTest('bond-mode-one-nic', {
  'nodes of one NIC': { edits: [forAll('balance-tlb')], finds: [found('balance-tlb', '21:53')] },
  'a node of two NICs with one in the bond': {
    edits: [
      [
        THIRD,
        `{ ${TWO_NICS},\n    config: { install: { management_interface: { interfaces: [{ name: eno1 }], ${OPTIONS} } } } }`,
      ],
    ],
    finds: [found('balance-alb', '26:102')],
  },
  'a node of two NICs': {
    edits: [[THIRD, `{ ${TWO_NICS}, config: { install: { management_interface: { ${OPTIONS} } } } }`]],
  },
  'a node of one NIC without a MAC address': {
    edits: [
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
      [THIRD, `{ ip: 192.168.178.43,\n    config: { install: { management_interface: { ${OPTIONS} } } } }`],
    ],
    finds: [found('balance-alb', '25:72')],
  },
  'active-backup': { edits: [forAll('active-backup')] },
  '802.3ad, which another rule reports': {
    edits: [
      forAll('802.3ad'),
      ['defaults:\n', 'defaults:\n  silence: { bond-lacp: this is about one NIC }\n'],
    ],
  },
});

function withOptions(options: string) {
  return ['install:\n', `install:\n      management_interface: { bond_options: ${options} }\n`] as const;
}

const V161 = ['version: v1.4.1', 'version: v1.6.1'] as const;
const V170 = ['version: v1.4.1', 'version: v1.7.0'] as const;

fixableRuleTest('bond-options-incomplete', {
  'a mode without miimon': {
    edits: [withOptions('{ mode: active-backup }')],
    finds: [
      {
        at: '21:31',
        message:
          "bond_options replaces the installer's default but has no miimon: the bond would not notice a dead link.",
      },
    ],
  },
  'miimon without a mode': {
    edits: [withOptions('{ miimon: "100" }'), V170],
    finds: [
      {
        at: '21:31',
        message:
          "bond_options replaces the installer's default but has no mode: the bond would send over all NICs in turn (balance-rr).",
      },
    ],
  },
  'neither mode nor miimon': {
    edits: [withOptions('{ updelay: "200" }'), V161],
    finds: [
      {
        at: '21:31',
        message:
          "bond_options replaces the installer's default but has no mode and no miimon: the bond would send over all NICs in turn (balance-rr), and not notice a dead link.",
      },
    ],
  },
  both: { edits: [withOptions('{ mode: active-backup, miimon: "200" }')] },
  'both keys, one in each layer': {
    edits: [
      withOptions('{ mode: active-backup }'),
      [
        'mode: create',
        'mode: create, config: { install: { management_interface: { bond_options: { miimon: "100" } } } }',
      ],
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, silence: { bond-options-incomplete: this is about harv-1 }',
      ],
      [
        'ip: 192.168.178.43',
        'ip: 192.168.178.43, silence: { bond-options-incomplete: this is about harv-1 }',
      ],
    ],
  },
  'link checks by ARP': {
    edits: [withOptions('{ mode: active-backup, arp_interval: "500", arp_ip_target: 192.168.178.1 }')],
  },
  'a mode without miimon, in a release with NetworkManager': {
    edits: [withOptions('{ mode: active-backup }'), V170],
  },
});

const STORAGE_NIC: readonly [string, string] = [
  '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
  '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, ip: 10.9.0.42 }] }',
];

fixableRuleTest('nic-address-unused', {
  'a network without DHCP': {
    edits: [['cluster:\n', '  storage: { subnet: 10.9.0.0/24 }\ncluster:\n'], STORAGE_NIC],
    finds: [
      {
        at: '25:98',
        message:
          'The IP address 10.9.0.42 of harv-2 on storage reaches no configuration: no machine will have it.',
        help: 'replace it with `network: storage`; Harvester assigns storage addresses from the range of storage-network',
      },
    ],
  },
  'a network with DHCP, which reserves it': {
    edits: [['cluster:\n', '  storage: { subnet: 10.9.0.0/24, dhcp: {} }\ncluster:\n'], STORAGE_NIC],
  },
  'the NIC of an iSCSI disk': { of: ISCSI_HARVESTER, edits: [] },
});
