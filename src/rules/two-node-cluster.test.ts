import { ruleTest } from '../../test/support/rule-test.ts';
import { twoNodeCluster } from './two-node-cluster.ts';

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
