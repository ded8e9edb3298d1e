import { ruleTest } from '../../test/support/rule-test.ts';
import { replicaCountTooHigh } from './replica-count-too-high.ts';

const REPLICAS = (count: number): [string, string] => [
  '    install:\n',
  `    install:\n      harvester: { storage_class: { replica_count: ${count} } }\n`,
];
const HARV_2 = '  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n';
const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';
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
