import { ruleTest } from '../../test/support/rule-test.ts';
import {
  cordonedEarly,
  cordonedWitness,
  createNodeCount,
  createNodeRole,
  evenEtcdMembers,
  replicaCountTooHigh,
  severalWitnesses,
  twoNodeCluster,
  witnessDataDisk,
  witnessWithoutPartners,
  zoneLabels,
} from './cluster-nodes.ts';

/** Two clusters in as many lines as the one of the short form. */
const TWO_CLUSTERS: [string, string] = [
  'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
  'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
];

ruleTest(createNodeCount, {
  'no create node': {
    edits: [[', mode: create', '']],
    finds: [
      {
        at: '13:1',
        message: 'No node creates the cluster plant: harv-1, harv-2 and harv-3 would wait to join it.',
      },
    ],
  },
  'two create nodes': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, mode: create']],
    finds: [
      {
        at: '25:63',
        message:
          'harv-3 creates the cluster plant, and so does harv-1: there would be two clusters with one VIP.',
        related: ['23:63'],
      },
    ],
  },
  'mode: create in defaults, which makes a create node of each': {
    edits: [
      ['  config:\n', '  mode: create\n  config:\n'],
      [', mode: create }', ' }'],
    ],
    finds: ['harv-2', 'harv-3'].map((name) => ({
      at: '17:9',
      message: `${name} creates the cluster plant, and so does harv-1: there would be two clusters with one VIP.`,
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
        message:
          'harv-3 creates the cluster plant, and so does harv-1: there would be two clusters with one VIP.',
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
    finds: [{ at: '15:3', message: 'No node creates the cluster west: harv-3 would wait to join it.' }],
  },
  'a create node that boots its own disk, and so creates nothing': {
    edits: [['mode: create', 'mode: create, boot: { os: local }']],
    finds: [
      { at: '13:1', message: 'No node creates the cluster plant: harv-2 and harv-3 would wait to join it.' },
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
  'a cluster that no node belongs to yet': {
    edits: [TWO_CLUSTERS, ['  config:\n', '  cluster: east\n  config:\n']],
  },
  'mode: create in defaults, taken back by the other nodes': {
    edits: [
      ['  config:\n', '  mode: create\n  config:\n'],
      [', mode: create }', ' }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, mode: join'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, mode: join'],
    ],
  },
});

ruleTest(createNodeRole, {
  'a worker': {
    edits: [['mode: create', 'mode: create, role: worker']],
    finds: [
      {
        at: '23:77',
        message:
          'harv-1 creates the cluster plant, and cannot be a worker: it holds the control plane all the same, and the role would say what is not so.',
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
          'harv-1 creates the cluster plant, and cannot be a witness: its taint would drive off all that Harvester runs on, and the cluster would not come up.',
        related: ['23:63'],
      },
    ],
  },
  'a worker by defaults, which the others take back': {
    edits: [
      ['  config:\n', '  role: worker\n  config:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: management'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: default'],
    ],
    finds: [
      {
        at: '17:9',
        message:
          'harv-1 creates the cluster plant, and cannot be a worker: it holds the control plane all the same, and the role would say what is not so.',
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
          'harv-1 creates the cluster plant, and cannot be a worker: it holds the control plane all the same, and the role would say what is not so.',
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

ruleTest(twoNodeCluster, {
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
});

const WORKER_3: [string, string] = ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: worker'];

ruleTest(evenEtcdMembers, {
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

ruleTest(severalWitnesses, {
  'two of three nodes': {
    edits: [WITNESS_2, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']],
    finds: [
      {
        at: '25:63',
        message:
          'harv-3 is a witness of the cluster plant, and so is harv-2: only one would vote, and the other do nothing at all.',
        related: ['24:63'],
      },
    ],
  },
  'three of four': {
    edits: [WITNESS_2, FOURTH],
    finds: ['harv-3', 'harv-4'].map((name, index) => ({
      at: `${25 + index}:63`,
      message: `${name} is a witness of the cluster plant, and so is harv-2: only one would vote, and the other do nothing at all.`,
      related: ['24:63'],
    })),
  },
  'a profile of witnesses, said once': {
    edits: [
      ['nodes:\n', 'profiles:\n  small: { role: witness }\nnodes:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [small]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [small]'],
    ],
    finds: [
      {
        at: '23:18',
        message:
          'harv-3 is a witness of the cluster plant, and so is harv-2: only one would vote, and the other do nothing at all.',
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
  'harv-2 is a witness, and only harv-1 of the cluster plant can hold the control plane: the witness never votes, and without harv-1 the cluster stops.';

ruleTest(witnessWithoutPartners, {
  'beside a create node alone': {
    edits: [WITNESS_2, [HARV_3, '']],
    finds: [{ at: '24:63', message: MESSAGE_OF_WITNESS_WITHOUT_PARTNERS }],
  },
  'beside a create node and a worker': {
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
  'beside two nodes': { edits: [WITNESS_2] },
  'beside two nodes and a worker': {
    edits: [
      WITNESS_2,
      [HARV_3, `${HARV_3}  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker }\n`],
    ],
  },
});

const NEW: [string, string] = ['version: v1.4.1', 'version: v1.6.1'];
const DATA_DISK = 'data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-2';

ruleTest(witnessDataDisk, {
  'a witness with a data disk': {
    edits: [
      NEW,
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: witness, config: { install: { ${DATA_DISK} } }`],
    ],
    finds: [
      {
        at: '25:104',
        message:
          'harv-3 is a witness, and stores nothing: its data disk /dev/disk/by-path/pci-0000:00:17.0-ata-2 would be formatted, and never used.',
        related: ['25:63'],
      },
    ],
  },
  'a data disk by defaults': {
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
          'harv-3 is a witness, and stores nothing: its data disk /dev/disk/by-path/pci-0000:00:17.0-ata-2 would be formatted, and never used.',
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
  'a witness without': { edits: [NEW, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']] },
});

const NEW_OF_CORDONED_EARLY: [string, string] = ['version: v1.4.1', 'version: v1.9.0'];
const CORDONED = 'config: { install: { cordoned: true } }';
const CORDONED_3: [string, string] = ['ip: 192.168.178.43', `ip: 192.168.178.43, ${CORDONED}`];
const HARV_4 = '  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n';

ruleTest(cordonedEarly, {
  'one of three': {
    edits: [NEW_OF_CORDONED_EARLY, CORDONED_3],
    finds: [
      {
        at: '25:88',
        message:
          'Of the nodes of plant that can hold etcd, only harv-1 and harv-2 are not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
      },
    ],
  },
  'all that join, by defaults': {
    edits: [NEW_OF_CORDONED_EARLY, ['    install:\n', '    install:\n      cordoned: true\n']],
    finds: [
      {
        at: '21:17',
        message:
          'Of the nodes of plant that can hold etcd, only harv-1 is not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
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
          'Of the nodes of plant that can hold etcd, only harv-1 and harv-4 are not cordoned: Harvester promotes none before there are three, and without harv-1 the cluster stops.',
        related: ['26:88'],
      },
    ],
  },
  'one of four, which is not needed': {
    edits: [NEW_OF_CORDONED_EARLY, CORDONED_3, ['  harv-3:', `${HARV_4}  harv-3:`]],
  },
  'a worker beside three others': {
    edits: [
      NEW_OF_CORDONED_EARLY,
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: worker, ${CORDONED}`],
      ['  harv-3:', `${HARV_4}  harv-3:`],
    ],
  },
});

const NEW_OF_CORDONED_WITNESS: [string, string] = ['version: v1.4.1', 'version: v1.9.0'];
const MESSAGE_OF_CORDONED_WITNESS = 'harv-3 is a witness, and cannot be cordoned: its installer would stop.';

ruleTest(cordonedWitness, {
  'a cordoned witness': {
    edits: [
      NEW_OF_CORDONED_WITNESS,
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness, config: { install: { cordoned: true } }'],
    ],
    finds: [{ at: '25:103', message: MESSAGE_OF_CORDONED_WITNESS, related: ['25:63'] }],
  },
  'a cordoned worker, and a witness that is said not to be': {
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

ruleTest(replicaCountTooHigh, {
  'three on two nodes and a witness': {
    edits: [REPLICAS(3), WITNESS_3],
    finds: [
      {
        at: '21:52',
        message:
          'Each volume is to have 3 replicas, and the cluster plant has 2 nodes with storage: volumes would stay degraded for ever.',
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
          'Each volume is to have 2 replicas, and the cluster plant has one node with storage: volumes would stay degraded for ever.',
        related: ['13:1'],
      },
    ],
  },
  'two on two nodes and a witness': { edits: [REPLICAS(2), WITNESS_3] },
  'three on three nodes': { edits: [REPLICAS(3)] },
  'one on one node': { edits: [REPLICAS(1), [HARV_2, ''], [HARV_3, '']] },
  'none said on one node': {
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

ruleTest(zoneLabels, {
  'one node without': {
    edits: [zone(1, 'a'), zone(2, 'b')],
    finds: [
      {
        at: '25:3',
        message:
          'harv-3 has no label topology.kubernetes.io/zone, and harv-1 of the same cluster has one: with zones Harvester promotes only nodes that have one, and needs three of them.',
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
          'harv-2 and harv-3 have no label topology.kubernetes.io/zone, and harv-1 of the same cluster has one: with zones Harvester promotes only nodes that have one, and needs three of them.',
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
          'The 3 nodes of plant that can hold etcd are in two zones: Harvester promotes none unless there are three, and without harv-1 the cluster stops.',
        related: ['24:96'],
      },
    ],
  },
  'one zone for all, by defaults': {
    edits: [['  config:\n', '  labels: { topology.kubernetes.io/zone: plant }\n  config:\n']],
    finds: [
      {
        at: '17:42',
        message:
          'The 3 nodes of plant that can hold etcd are in one zone: Harvester promotes none unless there are three, and without harv-1 the cluster stops.',
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
          'The 3 nodes of plant that can hold etcd are in two zones: Harvester promotes none unless there are three, and without harv-1 the cluster stops.',
        related: ['24:96'],
      },
    ],
  },
  'three zones': { edits: [zone(1, 'a'), zone(2, 'b'), zone(3, 'c')] },
  'three zones, and a worker without': {
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
  'a zone of a node alone': {
    edits: [
      zone(1, 'a'),
      ['  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n', ''],
      ['  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n', ''],
    ],
  },
});
