import { ruleTest } from '../../../test/support/rule-test.ts';

const OFFICE: [string, string] = [
  'cluster:\n',
  '  office: { subnet: 192.168.20.0/24, gateway: 192.168.20.1, dns: [192.168.20.1], dhcp: { pool: 192.168.20.200-192.168.20.250 } }\ncluster:\n',
];

ruleTest('members-in-different-networks', {
  'a node on another network by its address': {
    edits: [OFFICE, ['ip: 192.168.178.43', 'ip: 192.168.20.43']],
    finds: [
      {
        at: '26:41',
        message:
          'harv-3 boots from the network office, but harv-1 of the cluster plant from mgmt: the VIP cannot be on both.',
        related: ['24:41'],
      },
    ],
  },
  'a create node on another network than the others': {
    edits: [
      OFFICE,
      [
        'mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode',
        'nics: [{ mac: 52:54:00:aa:01:01, network: office, ip: 192.168.20.41 }], mode',
      ],
    ],
    finds: [
      {
        at: '24:55',
        message:
          'harv-1 boots from the network office, but harv-2 of the cluster plant from mgmt: the VIP cannot be on both.',
        related: ['25:41'],
      },
    ],
  },
  'a second NIC on another network': {
    edits: [
      OFFICE,
      [
        'mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        'nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: office }] }',
      ],
    ],
  },
  'another cluster on another network': {
    edits: [
      OFFICE,
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  plant: { vip: 192.168.178.40, token: "${secret:plant}" }\n  office: { vip: 192.168.20.40, token: "${secret:office}" }\n',
      ],
      ['  config:\n', '  cluster: plant\n  config:\n'],
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43 }\n  one: { mac: 52:54:00:aa:02:01, ip: 192.168.20.41, cluster: office, mode: create }\n',
      ],
    ],
  },
});

const BOND = 'install: { management_interface: { bond_options: { mode: balance-alb, miimon: "100" } } }';

/** Returns an edit that adds a second NIC on the management network to a node, and other keys. */
function twoNics(number: number, also = ''): [string, string] {
  const ip = `192.168.178.4${number}`;
  return [
    `mac: 52:54:00:aa:01:0${number}, ip: ${ip}`,
    `nics: [{ mac: 52:54:00:aa:01:0${number}, ip: ${ip} }, { mac: 52:54:00:aa:02:0${number} }]${also}`,
  ];
}

const HERE = (one: string, name: string, other: string) =>
  `The management bond has the mode ${one}, but that of ${name} in the same cluster has ${other}: their switch ports must differ, too.`;

ruleTest('bond-mode-differs', {
  'one bond with another mode': {
    edits: [twoNics(1), twoNics(2), twoNics(3, `, config: { ${BOND} }`)],
    finds: [{ at: '25:164', message: HERE('balance-alb', 'harv-1', 'active-backup'), related: ['23:3'] }],
  },
  'one bond with the default mode': {
    edits: [twoNics(1), twoNics(2, `, config: { ${BOND} }`), twoNics(3, `, config: { ${BOND} }`)],
    finds: [{ at: '23:3', message: HERE('active-backup', 'harv-2', 'balance-alb'), related: ['24:164'] }],
  },
  'one mode for all': {
    edits: [
      [
        '    install:\n',
        '    install:\n      management_interface: { bond_options: { mode: balance-alb, miimon: "100" } }\n',
      ],
      twoNics(1),
      twoNics(2),
      twoNics(3),
    ],
  },
  'a node with one NIC, next to bonds with another mode': {
    edits: [twoNics(1, `, config: { ${BOND} }`), twoNics(2, `, config: { ${BOND} }`)],
  },
});

function mtu(number: number, value: number): [string, string] {
  const ip = `ip: 192.168.178.4${number}`;
  return [ip, `${ip}, config: { install: { management_interface: { mtu: ${value} } } }`];
}

const MTU_HERE = (one: number, name: string, other: number) =>
  `The management interface has the MTU ${one}, but that of ${name} in the same cluster has ${other}: large packets between them are lost.`;

ruleTest('mtu-differs', {
  'one node with large packets': {
    edits: [mtu(3, 9000)],
    finds: [{ at: '25:107', message: MTU_HERE(9000, 'harv-1', 1500), related: ['23:3'] }],
  },
  'one node with the default': {
    edits: [mtu(1, 9000), mtu(2, 9000)],
    finds: [{ at: '25:3', message: MTU_HERE(1500, 'harv-1', 9000), related: ['23:107'] }],
  },
  'the default, set and not set': { edits: [mtu(3, 1500)] },
  'large packets by the network': { edits: [['    dhcp:\n', '    mtu: 9000\n    dhcp:\n']] },
});

const BOTH = '[0.suse.pool.ntp.org, 192.168.178.1]';
const NODES = 'nodes:\n';
const HARV_2 = '192.168.178.42 }';
const HARV_3 = '192.168.178.43 }';

ruleTest('ntp-differs', {
  'a profile for one node': {
    edits: [
      [NODES, `profiles:\n  edge: { config: { os: { ntp_servers: ${BOTH} } } }\n${NODES}`],
      [HARV_2, '192.168.178.42, profiles: [edge] }'],
    ],
    finds: [
      {
        at: '23:40',
        message:
          'The time servers are 0.suse.pool.ntp.org, 192.168.178.1, but harv-1 in the same cluster has 0.suse.pool.ntp.org: their clocks can differ.',
        related: ['18:24'],
      },
    ],
  },
  'a profile for two nodes: reports the defaults of the others, once': {
    edits: [
      [NODES, `profiles:\n  edge: { config: { os: { ntp_servers: ${BOTH} } } }\n${NODES}`],
      [HARV_2, '192.168.178.42, profiles: [edge] }'],
      [HARV_3, '192.168.178.43, profiles: [edge] }'],
    ],
    finds: [
      {
        at: '18:24',
        message:
          'The time servers are 0.suse.pool.ntp.org, but harv-2 in the same cluster has 0.suse.pool.ntp.org, 192.168.178.1: their clocks can differ.',
        related: ['23:40'],
      },
    ],
  },
  'a node without any': {
    edits: [[HARV_3, '192.168.178.43, config: { os: { ntp_servers: [] } } }']],
    finds: [
      {
        at: '25:3',
        message:
          'harv-3 has no time server, but harv-1 in the same cluster has 0.suse.pool.ntp.org: their clocks can differ.',
        related: ['18:24'],
      },
    ],
  },
  'a create node without any': {
    edits: [['mode: create', 'mode: create, config: { os: { ntp_servers: [] } }']],
    finds: [
      {
        at: '23:3',
        message:
          'harv-1 has no time server, but harv-2 in the same cluster has 0.suse.pool.ntp.org: their clocks can differ.',
        related: ['18:24'],
      },
    ],
  },
  'the same in another order, from the network and from the node': {
    edits: [
      ['os: { ntp_servers: [0.suse.pool.ntp.org],', 'os: {'],
      ['    dns: [192.168.178.1]\n', `    dns: [192.168.178.1]\n    ntp: ${BOTH}\n`],
      [HARV_3, '192.168.178.43, config: { os: { ntp_servers: [192.168.178.1, 0.suse.pool.ntp.org] } } }'],
    ],
  },
  'two clusters, each with its own servers': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
      [
        HARV_3,
        `${HARV_3}\n  west-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, mode: create, cluster: west, config: { os: { ntp_servers: ${BOTH} } } }`,
      ],
    ],
  },
  'a machine outside the cluster': {
    edits: [
      [HARV_3, `${HARV_3}\n  tower: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, boot: { os: local } }`],
    ],
  },
});

function vlan(number: number, id: number): [string, string] {
  const ip = `ip: 192.168.178.4${number}`;
  return [ip, `${ip}, config: { install: { management_interface: { method: static, vlan_id: ${id} } } }`];
}

const VLAN_HERE = (one: string, name: string, other: string) =>
  `The management interface is ${one}, but that of ${name} in the same cluster is ${other}: the nodes cannot reach each other.`;

ruleTest('vlan-differs', {
  'one node in a VLAN': {
    edits: [vlan(3, 100)],
    finds: [{ at: '25:127', message: VLAN_HERE('in VLAN 100', 'harv-1', 'untagged'), related: ['23:3'] }],
  },
  'one node without a VLAN': {
    edits: [vlan(1, 100), vlan(3, 100)],
    finds: [{ at: '24:3', message: VLAN_HERE('untagged', 'harv-1', 'in VLAN 100'), related: ['23:127'] }],
  },
  'three VLANs': {
    edits: [vlan(1, 100), vlan(2, 200), vlan(3, 300)],
    finds: [
      {
        at: '24:127',
        message: VLAN_HERE('in VLAN 200', 'harv-1', 'in VLAN 100'),
        related: ['23:127'],
      },
      {
        at: '25:127',
        message: VLAN_HERE('in VLAN 300', 'harv-1', 'in VLAN 100'),
        related: ['23:127'],
      },
    ],
  },
  'a VLAN in a profile: reported once': {
    edits: [
      [
        'nodes:\n',
        'profiles:\n  tagged: { config: { install: { management_interface: { method: static, vlan_id: 100 } } } }\nnodes:\n',
      ],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [tagged]'],
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43, profiles: [tagged] }
  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }
  harv-5: { mac: 52:54:00:aa:01:05, ip: 192.168.178.45 }
`,
      ],
    ],
    finds: [{ at: '23:83', message: VLAN_HERE('in VLAN 100', 'harv-1', 'untagged'), related: ['25:3'] }],
  },
  'no VLAN, set and not set': { edits: [vlan(3, 0)] },
  'one VLAN by the network': {
    edits: [['    dhcp:\n', '    vlan: 100\n    dhcp:\n']],
  },
  'one VLAN in defaults': {
    edits: [
      ['    install:\n', '    install:\n      management_interface: { method: static, vlan_id: 100 }\n'],
    ],
  },
});

ruleTest('no-failover', {
  'all others workers': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: worker'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: worker'],
    ],
    finds: [
      {
        at: '13:1',
        message:
          'Only harv-1 of the 3 nodes of plant can hold etcd, all others are workers: without it, the cluster stops.',
        related: ['24:63', '25:63'],
      },
    ],
  },
  'workers by defaults': {
    edits: [
      ['  config:\n', '  role: worker\n  config:\n'],
      ['mode: create', 'mode: create, role: management'],
    ],
    finds: [
      {
        at: '13:1',
        message:
          'Only harv-1 of the 3 nodes of plant can hold etcd, all others are workers: without it, the cluster stops.',
        related: ['17:9'],
      },
    ],
  },
  'a node alone': {
    edits: [
      ['  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n', ''],
      ['  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n', ''],
    ],
  },
  'two others that are not workers': {
    edits: [
      ['  config:\n', '  role: worker\n  config:\n'],
      ['mode: create', 'mode: create, role: management'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: management'],
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43, role: default }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n',
      ],
    ],
  },
});
