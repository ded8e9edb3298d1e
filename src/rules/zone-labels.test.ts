import { ruleTest } from '../../test/support/rule-test.ts';
import { zoneLabels } from './zone-labels.ts';

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
