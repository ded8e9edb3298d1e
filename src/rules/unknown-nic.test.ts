import { ruleTest } from '../../test/support/rule-test.ts';
import { unknownNic } from './unknown-nic.ts';

/** Says the interfaces in the configuration of harv-2. */
function harv2(interfaces: string): [string, string] {
  return [
    'ip: 192.168.178.42 }',
    `ip: 192.168.178.42, config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ];
}

/** Gives harv-2 two NICs with names; the configuration's interfaces are on the line below. */
function twoNics(interfaces: string): [string, string] {
  return [
    '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { name: eno2, mac: 52:54:00:aa:02:02 }],
    config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ];
}

/** Somebody else's DHCP server gives out the addresses: a NIC needs no MAC address. */
const EXTERNAL = [
  '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
  '    dhcp: { server: external }\n',
] as const;

/** Gives harv-2 NICs without a MAC address; the configuration's interfaces are on the line below. */
function noMac(nics: string, interfaces: string): [string, string] {
  return [
    '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
    `{ nics: [${nics}],
    config: { install: { management_interface: { interfaces: ${interfaces} } } } }`,
  ];
}

ruleTest(unknownNic, {
  'a name that no NIC has': {
    edits: [twoNics('[{ name: eno1 }, { name: eno3 }]')],
    finds: [
      {
        at: '25:79',
        message:
          'harv-2 has no NIC eno3, so its MAC address is not known, and names alone change between releases.',
      },
    ],
  },
  'a name, where the short form has none': {
    edits: [harv2('[{ name: eno1 }]')],
    finds: [
      {
        at: '24:115',
        message:
          'harv-2 has no NIC eno1, so its MAC address is not known, and names alone change between releases.',
      },
    ],
  },
  'a MAC address that no NIC has': {
    edits: [harv2('[{ hwAddr: "52:54:00:aa:01:01" }]')],
    finds: [
      {
        at: '24:115',
        message:
          'harv-2 has no NIC 52:54:00:aa:01:01, so its MAC address is not known, and names alone change between releases.',
      },
    ],
  },
  'a name in defaults, that one node has not': {
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
          'harv-2 has no NIC eno1, so its MAC address is not known, and names alone change between releases.',
      },
    ],
  },
  'a name that no NIC has, and none has a MAC address': {
    edits: [EXTERNAL, noMac('{ name: eno1, ip: 192.168.178.42 }', '[{ name: eno3 }]')],
    finds: [
      {
        at: '24:63',
        message:
          'harv-2 has no NIC eno3, so its MAC address is not known, and names alone change between releases.',
      },
    ],
  },
  'the name of a NIC without a MAC address': {
    edits: [EXTERNAL, noMac('{ name: eno1, ip: 192.168.178.42 }', '[{ name: eno1 }]')],
  },
  'a name, where a NIC has neither name nor MAC address': {
    edits: [EXTERNAL, noMac('{ ip: 192.168.178.42 }', '[{ name: eno1 }]')],
  },
  'a MAC address, where that of a NIC is not known': {
    edits: [EXTERNAL, noMac('{ name: eno1, ip: 192.168.178.42 }', '[{ hwAddr: "52:54:00:aa:01:02" }]')],
  },
  'names of its NICs': { edits: [twoNics('[{ name: eno2 }, { name: eno1 }]')] },
  'a MAC address in capitals': { edits: [harv2('[{ hwAddr: "52:54:00:AA:01:02" }]')] },
  'a name that a machine which boots its own disk does not have': {
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
