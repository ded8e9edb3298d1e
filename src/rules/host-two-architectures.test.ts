import { NESTED } from '../../test/support/nested-plant.ts';
import type { Edit } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostTwoArchitectures } from './host-two-architectures.ts';

const CLUSTERS: readonly Edit[] = [
  [
    'cluster: { vip: 192.168.150.40, token: "${secret:cluster_token}" }',
    `clusters:
  a: { vip: 192.168.150.40, token: "\${secret:a_token}" }
  b: { vip: 192.168.150.39, token: "\${secret:b_token}", harvester: { arch: arm64 } }`,
  ],
  ['{ port: 443 }', '{ port: 443, cluster: a }'],
  ['{ port: 6443, allow: [203.0.113.0/24] }', '{ port: 6443, cluster: a }'],
  ['.41, mode: create }', '.41, mode: create, cluster: a }'],
  ['  harvester-2: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }\n', ''],
  ['.43 }', '.43, mode: create, cluster: b }'],
];

ruleTest(hostTwoArchitectures, {
  'clusters of two architectures': {
    of: NESTED,
    edits: CLUSTERS,
    finds: [
      {
        at: '21:76',
        message:
          'harvester-1 is a machine of amd64 and harvester-3 one of arm64, and the CPU of their host is of one architecture: libvirt refuses one of them.',
        related: ['27:3'],
      },
    ],
  },
  'the same where the CPU is emulated': {
    of: NESTED,
    edits: [...CLUSTERS, ['threads: 32', 'domain_type: qemu']],
  },
  'one of arm64 alone': { of: NESTED, edits: [['version: v1.8.1', 'version: v1.8.1, arch: arm64']] },
});
