import { onBootVolume } from '../../../test/support/iscsi-harvester-plant.ts';
import { bootsOf, ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { RACK } from '../../../test/support/rack.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('duplicate-hostname', {
  'a name with its domain, and the same name without': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-2:', '  harv-1.plant.example:'],
    ],
    finds: [
      {
        at: '24:3',
        message:
          'harv-1.plant.example and harv-1 have the same host name, harv-1: the cluster refuses the second node.',
        related: ['23:3'],
      },
    ],
  },
  'three nodes with one name: each finding names the first': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-2:', '  harv-1.a:'],
      ['  harv-3:', '  harv-1.b:'],
    ],
    finds: [
      {
        at: '24:3',
        message: 'harv-1.a and harv-1 have the same host name, harv-1: the cluster refuses the second node.',
        related: ['23:3'],
      },
      {
        at: '25:3',
        message: 'harv-1.b and harv-1 have the same host name, harv-1: the cluster refuses the second node.',
        related: ['23:3'],
      },
    ],
  },
  'names that differ only before the first dot': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-1:', '  harv-1.plant.example:'],
      ['  harv-2:', '  harv-2.plant.example:'],
    ],
  },
  'a name that begins like another': { edits: [['  harv-2:', '  harv-11:']] },
});

const BY_DHCP = '  vip: 192.168.178.40\n  vip_mode: dhcp\n  vip_hw_addr: ';

ruleTest('duplicate-mac', {
  'one MAC address for two nodes': {
    edits: [['mac: 52:54:00:aa:01:03', 'mac: 52:54:00:aa:01:02']],
    finds: [
      {
        at: '25:18',
        message:
          "The MAC address 52:54:00:aa:01:02 of harv-3 is also set for harv-2: one of them gets the other's files.",
        related: ['24:18'],
      },
    ],
  },
  'one MAC address by a merge key': {
    edits: [
      ['harv-2: { mac:', 'harv-2: &two { mac:'],
      ['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', '{ <<: *two, ip: 192.168.178.43 }'],
    ],
    finds: [
      {
        at: '24:23',
        message:
          "The MAC address 52:54:00:aa:01:02 of harv-3 is also set for harv-2: one of them gets the other's files.",
        help: 'set it in each node: an anchor or alias sets this one for both',
      },
    ],
  },
  'one MAC address in two spellings': {
    edits: [['mac: 52:54:00:aa:01:03', 'mac: 52-54-00-AA-01-01']],
    finds: [
      {
        at: '25:18',
        message:
          "The MAC address 52:54:00:aa:01:01 of harv-3 is also set for harv-1: one of them gets the other's files.",
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
          "The MAC address 52:54:00:aa:01:02 of harv-3 is also set for harv-2: one of them gets the other's files.",
        related: ['24:18'],
      },
    ],
  },
  'a VIP with the MAC address of a node': {
    silence: ['vip-mode-dhcp'],
    edits: [['  vip: 192.168.178.40\n', `${BY_DHCP}52:54:00:aa:01:02\n`]],
    finds: [
      {
        at: '16:16',
        message:
          "The MAC address 52:54:00:aa:01:02 of the VIP of plant is also set for harv-2: one of them gets the other's files.",
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
          "The MAC address 02:00:00:00:00:01 of the VIP of west is also set for the VIP of east: one of them gets the other's files.",
        related: ['14:61'],
      },
    ],
  },
  'MAC addresses that differ in one digit': {
    edits: [['mac: 52:54:00:aa:01:03', 'mac: 52:54:00:aa:11:02']],
  },
  'a VIP with a separate MAC address': {
    silence: ['vip-mode-dhcp'],
    edits: [['  vip: 192.168.178.40\n', `${BY_DHCP}02:00:00:03:3d:61\n`]],
  },
  'a BMC with the MAC address of a NIC': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { mac: 52-54-00-AA-01-02 } }']],
    finds: [
      {
        at: '24:69',
        message:
          "The MAC address 52:54:00:aa:01:02 of the BMC of harv-2 is also set for harv-2: one of them gets the other's files.",
        related: ['24:18'],
      },
    ],
  },
  'one BMC of two nodes': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { mac: 52-54-00-AA-09-01 } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, bmc: { mac: "52:54:00:aa:09:01" } }'],
    ],
  },
  'one MAC address for two BMCs': {
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
          "The MAC address 52:54:00:aa:09:01 of the BMC of harv-3 is also set for the BMC of harv-2: one of them gets the other's files.",
        related: ['24:69'],
      },
    ],
  },
});

/** Returns edits that set a firmware identifier for two nodes. */
function identifiers(two: string, three: string) {
  return [
    ['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${two} }`],
    ['ip: 192.168.178.43 }', `ip: 192.168.178.43, ${three} }`],
  ] as const;
}

ruleTest('duplicate-machine-id', {
  'one UUID in two spellings': {
    edits: identifiers(
      'uuid: 4C4C4544-0042-3510-8057-B7C04F4D3332',
      'uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332',
    ),
    finds: [
      {
        at: '25:63',
        message:
          "The UUID 4c4c4544-0042-3510-8057-b7c04f4d3332 of harv-3 is also set for harv-2: one of them gets the other's script.",
        related: ['24:63'],
      },
    ],
  },
  'serial numbers that differ only in case': {
    edits: identifiers('serial: B5W7M32', 'serial: b5w7m32'),
    finds: [
      {
        at: '25:65',
        message:
          "The serial number b5w7m32 of harv-3 is also set for harv-2: one of them gets the other's script.",
        related: ['24:65'],
      },
    ],
  },
  'serial numbers that differ in one letter': { edits: identifiers('serial: B5W7M32', 'serial: B5W7M33') },
  "a serial number that is another node's UUID": {
    edits: identifiers(
      'uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332',
      'serial: 4c4c4544-0042-3510-8057-b7c04f4d3332',
    ),
  },
});

function second(keys: string) {
  return [['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${keys} }`]] as const;
}

function third(keys: string) {
  return [['ip: 192.168.178.43 }', `ip: 192.168.178.43, ${keys} }`]] as const;
}

function found(value: string, what: string, column: number) {
  return [
    {
      at: `24:${column}`,
      message: `The ${what} ${value} of harv-2 is a firmware default of very many machines: they could install as harv-2.`,
    },
  ];
}

ruleTest('shared-machine-id', {
  "the UUID of AMI's reference firmware": {
    edits: second('uuid: 03000200-0400-0500-0006-000700080009'),
    finds: found('03000200-0400-0500-0006-000700080009', 'UUID', 63),
  },
  'a UUID that consists of f only': {
    edits: second('uuid: FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'),
    finds: found('ffffffff-ffff-ffff-ffff-ffffffffffff', 'UUID', 63),
  },
  'a word as the serial number': {
    edits: second('serial: None'),
    finds: found('None', 'serial number', 65),
  },
  'a serial number of consecutive digits': {
    edits: second('serial: "0123456789"'),
    finds: found('0123456789', 'serial number', 65),
  },
  'a serial number of zeros': {
    edits: second('serial: "0000000"'),
    finds: found('0000000', 'serial number', 65),
  },
  'a serial number of several words without blanks': {
    edits: second('serial: To-Be-Filled-By-O.E.M'),
    finds: found('To-Be-Filled-By-O.E.M', 'serial number', 65),
  },
  'a serial number of one letter, and one of three': {
    edits: [...second('serial: Q'), ...third('serial: ZZZ')],
  },
  'serial numbers similar to firmware defaults': {
    edits: [...second('serial: oem'), ...third('serial: "1234"')],
  },
  'a UUID of Dell, and its service tag': {
    edits: second('uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, serial: B5W7M32'),
  },
});

ruleTest('duplicate-xname', {
  'one xname for two nodes': {
    of: RACK,
    edits: [['x1000c1s7b1n0', 'x1000c1s7b0n0']],
    finds: [
      {
        at: '11:59',
        message: "The xname x1000c1s7b0n0 of cg02 is also set for cg01: one of them gets the other's script.",
        related: ['10:59'],
      },
    ],
  },
  'one xname for two nodes, once for its DNS name, too': {
    of: RACK,
    edits: [
      ['url: http://10.1.0.1,', 'url: http://10.1.0.1, dns: dnsmasq,'],
      ['dns: [10.1.0.2]', 'dns: [10.1.0.1]'],
      ['x1000c1s7b1n0', 'x1000c1s7b0n0'],
    ],
    finds: [
      {
        at: '11:59',
        message: "The xname x1000c1s7b0n0 of cg02 is also set for cg01: one of them gets the other's script.",
        related: ['10:59'],
      },
    ],
  },
  'one xname in two spellings, on a site without OpenCHAMI URLs': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      ['x1000c1s7b0n0', 'x100c1s7b0n0'],
      ['x1000c1s7b1n0', 'x0100c1s7b0n0'],
    ],
    finds: [
      {
        at: '11:59',
        message: "The xname x100c1s7b0n0 of cg02 is also set for cg01: one of them gets the other's script.",
        related: ['10:59'],
      },
    ],
  },
  'two BMCs with one xname': {
    of: RACK,
    edits: [['x1000c1s7b1n0', 'x1000c1s7b0n1']],
    finds: [
      {
        at: '11:87',
        message:
          "The BMCs of cg02 and cg01 are both x1000c1s7b0, by their nodes' xnames: one of them is missing from the lists.",
        related: ['10:87'],
      },
    ],
  },
  'two nodes with one BMC, which one of them declares': {
    of: RACK,
    edits: [
      ['x1000c1s7b1n0', 'x1000c1s7b0n1'],
      [', bmc: { address: 10.1.0.102 }', ''],
    ],
  },
  'two nodes with one BMC, which both declare': {
    of: RACK,
    edits: [
      ['x1000c1s7b1n0', 'x1000c1s7b0n1'],
      ['10.1.0.102', '10.1.0.101'],
    ],
  },
});

ruleTest('duplicate-nid', {
  'one NID for two nodes': {
    of: RACK,
    edits: [['nid: 2', 'nid: 1']],
    finds: [
      {
        at: '11:79',
        message: "The NID 1 of cg02 is also set for cg01: one of them gets the other's script.",
        related: ['10:79'],
      },
    ],
  },
  'NIDs that differ': { of: RACK, edits: [['nid: 2', 'nid: 11']] },
});

/** Returns an edit that lists the NICs of the third node. */
function nics(...texts: readonly string[]) {
  return ['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', `{ nics: [${texts.join(', ')}] }`] as const;
}

const FIRST = '{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';

ruleTest('duplicate-nic-name', {
  'two NICs of a node with one name': {
    edits: [nics(FIRST, '{ name: eno1, mac: 52:54:00:aa:02:03 }')],
    finds: [
      {
        at: '25:88',
        message: 'Two NICs of harv-3 have the name eno1: a machine has only one NIC with that name.',
        related: ['25:28'],
      },
    ],
  },
  'three NICs with one name, without MAC addresses': {
    edits: [nics(FIRST, '{ name: eno1 }', '{ name: eno1 }')],
    finds: [
      {
        at: '25:88',
        message: 'Two NICs of harv-3 have the name eno1: a machine has only one NIC with that name.',
        related: ['25:28'],
      },
      {
        at: '25:104',
        message: 'Two NICs of harv-3 have the name eno1: a machine has only one NIC with that name.',
        related: ['25:28'],
      },
    ],
  },
  'names that differ': { edits: [nics(FIRST, '{ name: eno2, mac: 52:54:00:aa:02:03 }')] },
  'one NIC name on two nodes': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }',
      ],
      nics(FIRST),
    ],
  },
  'NICs without names': { edits: [nics(FIRST, '{ mac: 52:54:00:aa:02:03 }', '{ mac: 52:54:00:aa:03:03 }')] },
});

ruleTest('duplicate-initiator', {
  'set in a layer': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '    image: rocky9\n    initiator: iqn.2024-07.org.example:all\n']],
    finds: [
      {
        at: '20:16',
        message:
          'cn02 and cn01 have the same initiator, iqn.2024-07.org.example:all: a target may end the session of one for the other.',
      },
    ],
  },
  'the default initiator of another node': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { initiator: "iqn.2024-07.internal.harvgen:plant:cn01" } }',
      ],
    ],
    finds: [
      {
        at: '22:86',
        message:
          'cn02 and cn01 have the same initiator, iqn.2024-07.internal.harvgen:plant:cn01: a target may end the session of one for the other.',
        related: ['18:5'],
        help: 'remove boot.initiator: by default it is derived from the name of the node',
      },
    ],
  },
  'a separate initiator': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { initiator: "iqn.2024-07.org.example:two" } }',
      ],
    ],
  },
});

ruleTest('duplicate-target', {
  'set in a layer': {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', '    target: iqn.2015-02.oracle.boot:uefi\n    server: 10.1.0.9\n'],
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 }, gateway: 10.3.0.1 }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '18:13',
        message: 'cn02 boots the disk of cn01: two machines that write to one disk destroy its content.',
      },
    ],
  },
  'one LUN for two nodes': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
      ),
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 }, gateway: 10.3.0.1 }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '21:83',
        message: 'cn03 boots the disk of cn02: two machines that write to one disk destroy its content.',
        related: ['20:83'],
      },
    ],
  },
  'a boot volume of each machine at a link-local address': {
    of: onBootVolume(),
    silence: ['iscsi-management-nic'],
    edits: [],
  },
  'two LUNs of one target': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9, lun: 2',
      ),
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 }, gateway: 10.3.0.1 }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
  },
  'boot volumes of a cloud at a link-local address, set in a layer': {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', '    target: iqn.2015-02.oracle.boot:uefi\n    server: 169.254.0.2\n'],
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 }, gateway: 10.3.0.1 }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
  },
  'one target name on two servers': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.8',
      ),
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 }, gateway: 10.3.0.1 }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
  },
});

ruleTest('duplicate-ip', {
  'an IP address of two nodes': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.42']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.42 of harv-3 is also set for harv-2: the two disconnect each other.',
        related: ['24:41'],
      },
    ],
  },
  'an IP address of three nodes: each finding names the first': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.41'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.41'],
    ],
    finds: [
      {
        at: '24:41',
        message:
          'The IP address 192.168.178.41 of harv-2 is also set for harv-1: the two disconnect each other.',
        related: ['23:41'],
      },
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.41 of harv-3 is also set for harv-1: the two disconnect each other.',
        related: ['23:41'],
      },
    ],
  },
  'an IP address of two nodes without other identifiers': {
    edits: [
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
      ['{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }', '{ ip: 192.168.178.43 }'],
      ['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', '{ ip: 192.168.178.43 }'],
    ],
    finds: [
      {
        at: '24:17',
        message:
          'The IP address 192.168.178.43 of harv-3 is also set for harv-2: the two disconnect each other.',
        related: ['23:17'],
      },
    ],
  },
  'a second NIC with the IP address of another node': {
    silence: ['nic-address-unused'],
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
        message: 'The IP address 10.0.0.2 of harv-3 is also set for harv-2: the two disconnect each other.',
        related: ['25:98'],
      },
    ],
  },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.42, boot: { os: local }']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.42 of harv-3 is also set for harv-2: the two disconnect each other.',
        related: ['24:41'],
      },
    ],
  },
  'two NICs without an IP address': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }, { mac: 52:54:00:aa:03:03 }] }',
      ],
    ],
  },
  'IP addresses that differ in one digit': { edits: [['ip: 192.168.178.43', 'ip: 192.168.178.142']] },
  'a BMC with the IP address of a node': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { address: 192.168.178.41 } }']],
    finds: [
      {
        at: '24:73',
        message:
          'The IP address 192.168.178.41 of the BMC of harv-2 is also set for harv-1: the two disconnect each other.',
        related: ['23:41'],
      },
    ],
  },
  'one BMC of two nodes': {
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
  'two BMCs with one IP address': {
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
          'The IP address 192.168.178.141 of the BMC of harv-3 is also set for the BMC of harv-2: the two disconnect each other.',
        related: ['24:73'],
      },
    ],
  },
  'one name for two BMCs without other identifiers': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { address: bmc.example.org } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, bmc: { address: bmc.example.org } }'],
    ],
    finds: [
      {
        at: '25:73',
        message:
          'The address bmc.example.org of the BMC of harv-3 is also set for the BMC of harv-2: the two disconnect each other.',
        related: ['24:73'],
      },
    ],
  },
  'the same for nodes whose xnames have one BMC': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, xname: x1c0s0b0n0, bmc: { address: bmc.example.org } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, xname: x1c0s0b0n1, bmc: { address: bmc.example.org } }'],
    ],
  },
  'the same for nodes whose xnames have two BMCs': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, xname: x1c0s0b0n0, bmc: { address: bmc.example.org } }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, xname: x1c0s0b1n0, bmc: { address: bmc.example.org } }'],
    ],
    finds: [
      {
        at: '25:92',
        message:
          'The address bmc.example.org of the BMC of harv-3 is also set for the BMC of harv-2: the two disconnect each other.',
        related: ['24:92'],
      },
    ],
  },
});

const HARV_1 = 'ip: 192.168.178.41, mode: create }';
const HARV_2 = 'ip: 192.168.178.42 }';

/** Returns an edit that adds a configuration to harv-1. */
function harv1(config: string): [string, string] {
  return [HARV_1, `ip: 192.168.178.41, mode: create, config: ${config} }`];
}

/** Returns an edit that adds a configuration to harv-2. */
function harv2(config: string): [string, string] {
  return [HARV_2, `ip: 192.168.178.42, config: ${config} }`];
}

ruleTest('contradicts-derived', {
  'labels of the node and of its configuration that differ': {
    edits: [
      harv2(
        '{ os: { labels: { example.org/rack: b, example.org/row: x } } }, labels: { example.org/rack: a }',
      ),
    ],
    finds: [
      {
        at: '24:101',
        message: 'The configuration of harv-2 sets os.labels.example.org/rack: b, but the site sets a.',
        related: ['24:158'],
        help: 'remove os.labels.example.org/rack from config: it is derived',
      },
    ],
  },
  'labels that agree, and a label that only the configuration sets': {
    edits: [
      harv2(
        '{ os: { labels: { example.org/rack: a, example.org/row: x } } }, labels: { example.org/rack: a }',
      ),
    ],
  },
  'another console than the first one of the installer': {
    edits: [harv2('{ install: { tty: ttyS1 } }, boot: { consoles: ["ttyS0,115200n8", tty1] }')],
    finds: [
      {
        at: '24:83',
        message: 'The configuration of harv-2 sets install.tty: ttyS1, but the site sets ttyS0,115200n8.',
        related: ['24:112'],
        help: 'remove install.tty from config: it is derived',
      },
    ],
  },
  'a VIP with the mode none, and the default MTU as 0': {
    edits: [
      harv1('{ install: { vip_mode: none, management_interface: { mtu: 0 } } }'),
      ['    dhcp:', '    mtu: 1500\n    dhcp:'],
    ],
  },
  'another host name': {
    edits: [harv2('{ os: { hostname: harv-9 } }')],
    finds: [
      {
        at: '24:83',
        message: 'The configuration of harv-2 sets os.hostname: harv-9, but the site sets harv-2.',
        related: ['24:3'],
      },
    ],
  },
  'one host name for all, in defaults: reported once': {
    edits: [['ssh_authorized_keys:', 'hostname: harv-1,\n      ssh_authorized_keys:']],
    finds: [
      {
        at: '19:17',
        message: 'The configuration of harv-2 sets os.hostname: harv-1, but the site sets harv-2.',
        related: ['25:3'],
      },
    ],
  },
  'another mode than the set one': {
    edits: [harv1('{ install: { mode: join } }')],
    finds: [
      {
        at: '23:98',
        message: 'The configuration of harv-1 sets install.mode: join, but the site sets create.',
        related: ['23:63'],
      },
    ],
  },
  'another mode than the default': {
    edits: [harv2('{ install: { mode: create } }')],
    finds: [
      {
        at: '24:84',
        message: 'The configuration of harv-2 sets install.mode: create, but the site sets join.',
        related: ['24:3'],
      },
    ],
  },
  'another role': {
    edits: [[HARV_2, 'ip: 192.168.178.42, role: worker, config: { install: { role: witness } } }']],
    finds: [
      {
        at: '24:98',
        message: 'The configuration of harv-2 sets install.role: witness, but the site sets worker.',
        related: ['24:63'],
      },
    ],
  },
  'another token, which is not shown': {
    edits: [['  config:\n', '  config:\n    token: ${secret:other_token}\n']],
    finds: [
      {
        at: '18:12',
        message: 'The configuration of harv-1 sets token: one, but the site sets another.',
        related: ['15:10'],
      },
    ],
  },
  'a token that differs only in case': {
    silence: ['clear-text-secret', 'token-short'],
    edits: [['token: ${secret:cluster_token}', 'token: Abcdefgh'], harv2('{ token: abcdefgh }')],
    finds: [
      {
        at: '24:74',
        message: 'The configuration of harv-2 sets token: one, but the site sets another.',
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
          'The configuration of harv-1 sets install.vip: 192.168.178.39, but the site sets 192.168.178.40.',
        related: ['14:8'],
      },
      {
        at: '23:123',
        message: 'The configuration of harv-1 sets install.vip_mode: dhcp, but the site sets static.',
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
          'The configuration of harv-1 sets install.vip_hw_addr: 02:00:00:03:3d:62, but the site sets 02:00:00:03:3d:61.',
        related: ['16:16'],
      },
    ],
  },
  'other values of a static management interface': {
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
          'The configuration of harv-2 sets install.management_interface.ip: 192.168.178.99, but the site sets 192.168.178.42.',
        related: ['26:41'],
      },
      {
        at: '29:20',
        message:
          'The configuration of harv-2 sets install.management_interface.subnet_mask: 255.255.0.0, but the site sets 255.255.255.0.',
        related: ['8:13'],
      },
      {
        at: '30:16',
        message:
          'The configuration of harv-2 sets install.management_interface.gateway: 192.168.178.2, but the site sets 192.168.178.1.',
        related: ['9:14'],
      },
      {
        at: '31:16',
        message:
          'The configuration of harv-2 sets install.management_interface.vlan_id: 101, but the site sets 100.',
        related: ['10:11'],
      },
      {
        at: '32:12',
        message:
          'The configuration of harv-2 sets install.management_interface.mtu: 1500, but the site sets 9000.',
        related: ['11:10'],
      },
    ],
  },
  'the same values, set twice': {
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
  'a VIP in defaults, which applies only to the create node': {
    edits: [['    install:\n', '    install:\n      vip: 192.168.178.40\n']],
  },
  'values that the site does not set': {
    silence: ['even-etcd-members', 'mtu-differs', 'vlan-differs'],
    edits: [harv2('{ install: { role: worker, management_interface: { vlan_id: 100, mtu: 9000 } } }')],
  },
});
