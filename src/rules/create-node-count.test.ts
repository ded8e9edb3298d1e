import { ruleTest } from '../../test/support/rule-test.ts';
import { createNodeCount } from './create-node-count.ts';

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
