import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

/** Replaces the cluster with two clusters in the same number of lines. */
const TWO_CLUSTERS: [string, string] = [
  'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
  'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
];

const RUNNING: [string, string] = ['  vip: 192.168.178.40\n', '  exists: true\n  vip: 192.168.178.40\n'];

/** All nodes join a cluster that exists, whose other members are unknown. */
const JOINING: [string, string][] = [RUNNING, [', mode: create', '']];

fixableRuleTest('create-node-count', {
  'no create node': {
    edits: [[', mode: create', '']],
    finds: [
      {
        at: '13:1',
        message: 'No node creates the cluster plant: harv-1, harv-2 and harv-3 wait to join it.',
        help: 'set `mode: create` for one of them; or, if the cluster is running already, set `exists: true` for it',
      },
    ],
  },
  'no create node for a cluster that exists': { edits: JOINING },
  'a create node for a cluster that exists': {
    edits: [RUNNING],
    finds: [
      {
        at: '24:63',
        message: 'harv-1 creates the cluster plant, which exists: there would be two clusters with one VIP.',
        related: ['14:11'],
        help: 'remove mode: create from harv-1, so that it joins; or, for a new cluster, remove exists',
      },
    ],
  },
  'two create nodes': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, mode: create']],
    finds: [
      {
        at: '25:63',
        message: 'harv-3 and harv-1 both create the cluster plant: there would be two clusters with one VIP.',
        related: ['23:63'],
      },
    ],
  },
  'mode: create in defaults, for all nodes': {
    edits: [
      ['  config:\n', '  mode: create\n  config:\n'],
      [', mode: create }', ' }'],
    ],
    finds: ['harv-2', 'harv-3'].map((name) => ({
      at: '17:9',
      message: `${name} and harv-1 both create the cluster plant: there would be two clusters with one VIP.`,
      related: ['17:9'],
    })),
  },
  'two create nodes, one of them by a profile': {
    edits: [
      ['nodes:\n', 'profiles:\n  first: { mode: create }\nnodes:\n'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [first]'],
    ],
    finds: [
      {
        at: '23:18',
        message: 'harv-3 and harv-1 both create the cluster plant: there would be two clusters with one VIP.',
        related: ['25:63'],
      },
    ],
  },
  'the second of two clusters without one': {
    silence: ['two-node-cluster'],
    edits: [
      TWO_CLUSTERS,
      ['mode: create', 'mode: create, cluster: east'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, cluster: east'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, cluster: west'],
    ],
    finds: [{ at: '15:3', message: 'No node creates the cluster west: harv-3 wait to join it.' }],
  },
  'a create node that boots its own disk': {
    edits: [['mode: create', 'mode: create, boot: { os: local }']],
    finds: [
      {
        at: '13:1',
        message: 'No node creates the cluster plant: harv-2 and harv-3 wait to join it.',
      },
    ],
  },
  'a create node for each of two clusters': {
    silence: ['two-node-cluster'],
    edits: [
      TWO_CLUSTERS,
      ['mode: create', 'mode: create, cluster: east'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, cluster: east'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, cluster: west, mode: create'],
    ],
  },
  'a cluster without nodes': {
    edits: [TWO_CLUSTERS, ['  config:\n', '  cluster: east\n  config:\n']],
  },
  'mode: create in defaults, overridden by the other nodes': {
    edits: [
      ['  config:\n', '  mode: create\n  config:\n'],
      [', mode: create }', ' }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, mode: join'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, mode: join'],
    ],
  },
});

ruleTest('create-node-role', {
  'a worker': {
    edits: [['mode: create', 'mode: create, role: worker']],
    finds: [
      {
        at: '23:77',
        message:
          'harv-1 creates the cluster plant and cannot be a worker: it holds the control plane anyway, and the role has no effect.',
        related: ['23:63'],
      },
    ],
  },
  'a witness': {
    edits: [['mode: create', 'mode: create, role: witness']],
    finds: [
      {
        at: '23:77',
        message:
          "harv-1 creates the cluster plant and cannot be a witness: its taint evicts Harvester's own pods, and the cluster does not start.",
        related: ['23:63'],
      },
    ],
  },
  'a worker in defaults, overridden by the others': {
    edits: [
      ['  config:\n', '  role: worker\n  config:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: management'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: default'],
    ],
    finds: [
      {
        at: '17:9',
        message:
          'harv-1 creates the cluster plant and cannot be a worker: it holds the control plane anyway, and the role has no effect.',
        related: ['24:63'],
      },
    ],
  },
  'a worker by its configuration': {
    edits: [['mode: create', 'mode: create, config: { install: { role: worker } }']],
    finds: [
      {
        at: '23:98',
        message:
          'harv-1 creates the cluster plant and cannot be a worker: it holds the control plane anyway, and the role has no effect.',
        related: ['23:63'],
      },
    ],
  },
  management: { edits: [['mode: create', 'mode: create, role: management']] },
  default: { edits: [['mode: create', 'mode: create, role: default']] },
  'a witness that joins': { edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']] },
});

const HARV_2 = '  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n';
const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';
const MESSAGE =
  'The cluster plant has two nodes: Harvester promotes none before there are three, and without harv-1 the cluster stops.';

ruleTest('two-node-cluster', {
  'two nodes': { edits: [[HARV_3, '']], finds: [{ at: '13:1', message: MESSAGE }] },
  'two nodes, and a machine that boots its own disk': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }']],
    finds: [{ at: '13:1', message: MESSAGE }],
  },
  'one node': {
    edits: [
      [HARV_2, ''],
      [HARV_3, ''],
    ],
  },
  'three nodes': { edits: [] },
  'two nodes and a witness': { edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']] },
  'two nodes that join a cluster that exists': { edits: [...JOINING, [HARV_3, '']] },
});

const WORKER_3: [string, string] = ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: worker'];

ruleTest('even-etcd-members', {
  'two of three': {
    edits: [WORKER_3],
    finds: [
      {
        at: '13:1',
        message:
          'Only harv-1 and harv-2 of the 3 nodes of plant can hold etcd: Harvester promotes none before three can, and without harv-1 the cluster stops.',
        related: ['25:63'],
      },
    ],
  },
  'two of five, the others workers by a profile': {
    edits: [
      ['nodes:\n', 'profiles:\n  compute: { role: worker }\nnodes:\n'],
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43, profiles: [compute] }
  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, profiles: [compute] }
  harv-5: { mac: 52:54:00:aa:01:05, ip: 192.168.178.45, profiles: [compute] }
`,
      ],
    ],
    finds: [
      {
        at: '13:1',
        message:
          'Only harv-1 and harv-2 of the 5 nodes of plant can hold etcd: Harvester promotes none before three can, and without harv-1 the cluster stops.',
        related: ['23:20'],
      },
    ],
  },
  'two and a witness': {
    edits: [
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43, role: witness }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker }\n',
      ],
    ],
  },
  'three and a worker': {
    edits: [
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43 }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker }\n',
      ],
    ],
  },
  four: {
    edits: [
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43 }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n',
      ],
    ],
  },
});

const FOURTH: [string, string] = [
  'ip: 192.168.178.43 }\n',
  'ip: 192.168.178.43, role: witness }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: witness }\n',
];
const WITNESS_2: [string, string] = ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: witness'];

ruleTest('several-witnesses', {
  'two of three nodes': {
    edits: [WITNESS_2, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']],
    finds: [
      {
        at: '25:63',
        message:
          'harv-3 and harv-2 are both witnesses of the cluster plant: only one votes, and the other does nothing.',
        related: ['24:63'],
      },
    ],
  },
  'three of four': {
    edits: [WITNESS_2, FOURTH],
    finds: ['harv-3', 'harv-4'].map((name, index) => ({
      at: `${25 + index}:63`,
      message: `${name} and harv-2 are both witnesses of the cluster plant: only one votes, and the other does nothing.`,
      related: ['24:63'],
    })),
  },
  'a profile of witnesses: reported once': {
    edits: [
      ['nodes:\n', 'profiles:\n  small: { role: witness }\nnodes:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [small]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [small]'],
    ],
    finds: [
      {
        at: '23:18',
        message:
          'harv-3 and harv-2 are both witnesses of the cluster plant: only one votes, and the other does nothing.',
        related: ['23:18'],
      },
    ],
  },
  'one witness': { edits: [WITNESS_2] },
  'one witness in each of two clusters': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
      WITNESS_2,
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43 }
  w-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.44, cluster: west, mode: create }
  w-2: { mac: 52:54:00:aa:02:02, ip: 192.168.178.45, cluster: west }
  w-3: { mac: 52:54:00:aa:02:03, ip: 192.168.178.46, cluster: west, role: witness }
`,
      ],
    ],
  },
});

const MESSAGE_OF_WITNESS_WITHOUT_PARTNERS =
  'harv-2 is a witness, but only harv-1 of the cluster plant can hold the control plane: the witness never votes, and without harv-1 the cluster stops.';

ruleTest('witness-without-partners', {
  'with only a create node': {
    edits: [WITNESS_2, [HARV_3, '']],
    finds: [{ at: '24:63', message: MESSAGE_OF_WITNESS_WITHOUT_PARTNERS }],
  },
  'with a create node and a worker': {
    edits: [WITNESS_2, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: worker']],
    finds: [{ at: '24:63', message: MESSAGE_OF_WITNESS_WITHOUT_PARTNERS, related: ['25:63'] }],
  },
  'a witness by its configuration': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { install: { role: witness } }'],
      [HARV_3, ''],
    ],
    finds: [{ at: '24:84', message: MESSAGE_OF_WITNESS_WITHOUT_PARTNERS }],
  },
  'with a worker, in a cluster that exists': {
    edits: [...JOINING, WITNESS_2, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: worker']],
  },
  'with two nodes': { edits: [WITNESS_2] },
  'with two nodes and a worker': {
    edits: [
      WITNESS_2,
      [HARV_3, `${HARV_3}  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker }\n`],
    ],
  },
});

const NEW: [string, string] = ['version: v1.4.1', 'version: v1.6.1'];
const DATA_DISK = 'data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-2';

fixableRuleTest('witness-data-disk', {
  'a witness with a data disk': {
    edits: [
      NEW,
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: witness, config: { install: { ${DATA_DISK} } }`],
    ],
    finds: [
      {
        at: '25:104',
        message:
          'harv-3 is a witness and stores nothing: its data disk /dev/disk/by-path/pci-0000:00:17.0-ata-2 would be formatted but never used.',
        related: ['25:63'],
      },
    ],
  },
  'a data disk in defaults': {
    edits: [
      NEW,
      ['    install:\n', `    install:\n      ${DATA_DISK}\n`],
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43, role: witness }\nsilence: { disks-wiped: new disks }\n',
      ],
    ],
    finds: [
      {
        at: '21:18',
        message:
          'harv-3 is a witness and stores nothing: its data disk /dev/disk/by-path/pci-0000:00:17.0-ata-2 would be formatted but never used.',
        related: ['26:63'],
      },
    ],
  },
  'before v1.6.0, which mounts it': {
    silence: ['disks-wiped'],
    edits: [
      ['version: v1.4.1', 'version: v1.5.2'],
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: witness, config: { install: { ${DATA_DISK} } }`],
    ],
  },
  'a worker with a data disk': {
    edits: [
      NEW,
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43 }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker, config: { install: { ${DATA_DISK} } } }\nsilence: { disks-wiped: new disks }\n`,
      ],
    ],
  },
  'a witness without a data disk': {
    edits: [NEW, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']],
  },
});

const NEW_OF_CORDONED_EARLY: [string, string] = ['version: v1.4.1', 'version: v1.9.0'];
const CORDONED = 'config: { install: { cordoned: true } }';
const CORDONED_3: [string, string] = ['ip: 192.168.178.43', `ip: 192.168.178.43, ${CORDONED}`];
const HARV_4 = '  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n';

ruleTest('cordoned-early', {
  'one of three': {
    edits: [NEW_OF_CORDONED_EARLY, CORDONED_3],
    finds: [
      {
        at: '25:88',
        message:
          'Only harv-1 and harv-2 of the nodes of plant that can hold etcd are not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
      },
    ],
  },
  'all joining nodes, in defaults': {
    edits: [NEW_OF_CORDONED_EARLY, ['    install:\n', '    install:\n      cordoned: true\n']],
    finds: [
      {
        at: '21:17',
        message:
          'Only harv-1 of the nodes of plant that can hold etcd is not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
      },
    ],
  },
  'two of four': {
    edits: [
      NEW_OF_CORDONED_EARLY,
      CORDONED_3,
      ['ip: 192.168.178.42', `ip: 192.168.178.42, ${CORDONED}`],
      ['  harv-3:', `${HARV_4}  harv-3:`],
    ],
    finds: [
      {
        at: '24:88',
        message:
          'Only harv-1 and harv-4 of the nodes of plant that can hold etcd are not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
        related: ['26:88'],
      },
    ],
  },
  'one of four, which is not needed': {
    edits: [NEW_OF_CORDONED_EARLY, CORDONED_3, ['  harv-3:', `${HARV_4}  harv-3:`]],
  },
  'a worker next to three others': {
    edits: [
      NEW_OF_CORDONED_EARLY,
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: worker, ${CORDONED}`],
      ['  harv-3:', `${HARV_4}  harv-3:`],
    ],
  },
});

const NEW_OF_CORDONED_WITNESS: [string, string] = ['version: v1.4.1', 'version: v1.9.0'];
const MESSAGE_OF_CORDONED_WITNESS = 'harv-3 is a witness and cannot be cordoned: its installer stops.';

fixableRuleTest('cordoned-witness', {
  'a cordoned witness': {
    edits: [
      NEW_OF_CORDONED_WITNESS,
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness, config: { install: { cordoned: true } }'],
    ],
    finds: [{ at: '25:103', message: MESSAGE_OF_CORDONED_WITNESS, related: ['25:63'] }],
  },
  'a cordoned worker, and a witness with cordoned: false': {
    edits: [
      NEW_OF_CORDONED_WITNESS,
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness, config: { install: { cordoned: false } }'],
      [
        '  harv-2:',
        '  harv-0: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker, config: { install: { cordoned: true } } }\n  harv-2:',
      ],
    ],
  },
});

const REPLICAS = (count: number): [string, string] => [
  '    install:\n',
  `    install:\n      harvester: { storage_class: { replica_count: ${count} } }\n`,
];
const WITNESS_3: [string, string] = ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness'];

fixableRuleTest('replica-count-too-high', {
  'three on two nodes and a witness': {
    edits: [REPLICAS(3), WITNESS_3],
    finds: [
      {
        at: '21:52',
        message:
          'Each volume has 3 replicas, but the cluster plant has 2 nodes with storage: volumes stay degraded forever.',
        related: ['13:1'],
      },
    ],
  },
  'two on one node': {
    edits: [REPLICAS(2), [HARV_2, ''], [HARV_3, '']],
    finds: [
      {
        at: '21:52',
        message:
          'Each volume has 2 replicas, but the cluster plant has one node with storage: volumes stay degraded forever.',
        related: ['13:1'],
      },
    ],
  },
  'two on two nodes and a witness': { edits: [REPLICAS(2), WITNESS_3] },
  'three on three nodes': { edits: [REPLICAS(3)] },
  'one on one node': { edits: [REPLICAS(1), [HARV_2, ''], [HARV_3, '']] },
  'the default on one node': {
    edits: [
      [HARV_2, ''],
      [HARV_3, ''],
    ],
  },
});

function zone(number: number, value: string): [string, string] {
  const ip = `ip: 192.168.178.4${number}`;
  return [ip, `${ip}, labels: { topology.kubernetes.io/zone: ${value} }`];
}

ruleTest('zone-labels', {
  'one node without a zone': {
    edits: [zone(1, 'a'), zone(2, 'b')],
    finds: [
      {
        at: '25:3',
        message:
          'harv-3 has no label topology.kubernetes.io/zone, but harv-1 in the same cluster has one: Harvester promotes only nodes with a zone, and needs three zones.',
        related: ['23:96'],
      },
    ],
  },
  'only the create node, by its configuration': {
    edits: [
      ['mode: create', 'mode: create, config: { os: { labels: { topology.kubernetes.io/zone: rack-a } } }'],
    ],
    finds: [
      {
        at: '24:3',
        message:
          'harv-2 and harv-3 have no label topology.kubernetes.io/zone, but harv-1 in the same cluster has one: Harvester promotes only nodes with a zone, and needs three zones.',
        related: ['23:126'],
      },
    ],
  },
  'two zones': {
    edits: [zone(1, 'a'), zone(2, 'b'), zone(3, 'b')],
    finds: [
      {
        at: '23:96',
        message:
          'The 3 nodes of plant that can hold etcd are in two zones: with fewer than three, Harvester promotes none, and without harv-1 the cluster stops.',
        related: ['24:96'],
      },
    ],
  },
  'one zone for all, in defaults': {
    edits: [['  config:\n', '  labels: { topology.kubernetes.io/zone: plant }\n  config:\n']],
    finds: [
      {
        at: '17:42',
        message:
          'The 3 nodes of plant that can hold etcd are in one zone: with fewer than three, Harvester promotes none, and without harv-1 the cluster stops.',
      },
    ],
  },
  'a third zone that has only a worker': {
    edits: [
      zone(1, 'a'),
      zone(2, 'b'),
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43, labels: { topology.kubernetes.io/zone: b } }
  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker, labels: { topology.kubernetes.io/zone: c } }
`,
      ],
    ],
    finds: [
      {
        at: '23:96',
        message:
          'The 3 nodes of plant that can hold etcd are in two zones: with fewer than three, Harvester promotes none, and without harv-1 the cluster stops.',
        related: ['24:96'],
      },
    ],
  },
  'three zones': { edits: [zone(1, 'a'), zone(2, 'b'), zone(3, 'c')] },
  'three zones, and a worker without a zone': {
    edits: [
      zone(1, 'a'),
      zone(2, 'b'),
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43, labels: { topology.kubernetes.io/zone: c } }
  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker }
`,
      ],
    ],
  },
  'another label on one node': {
    edits: [['mode: create', 'mode: create, labels: { example.org/rack: a }']],
  },
  'a zone of a single node': {
    edits: [
      zone(1, 'a'),
      ['  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n', ''],
      ['  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n', ''],
    ],
  },
});
