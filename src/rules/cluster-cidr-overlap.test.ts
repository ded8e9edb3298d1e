import { ruleTest } from '../../test/support/rule-test.ts';
import { clusterCidrOverlap } from './cluster-cidr-overlap.ts';

const POOL = '      pool: 192.168.178.200-192.168.178.250\n';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const NEW = ['v1.4.1', 'v1.5.0'] as const;

ruleTest(clusterCidrOverlap, {
  'a network in the default pod CIDR, in a release that cannot change it': {
    edits: [[POOL, `${POOL}  storage: { subnet: 10.52.255.0/24 }\n`]],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 10.52.255.0/24 of storage overlaps 10.52.0.0/16, the default pod CIDR of plant, which only v1.5.0 and newer can change: what is sent to that network could end up in the cluster.',
        related: ['14:1'],
      },
    ],
  },
  'a network around both defaults, in a release that can change them': {
    edits: [NEW, [POOL, `${POOL}  storage: { subnet: 10.0.0.0/8 }\n`]],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 10.0.0.0/8 of storage overlaps 10.52.0.0/16, the default pod CIDR of plant: what is sent to that network could end up in the cluster.',
        related: ['14:1'],
      },
      {
        at: '13:22',
        message:
          'The subnet 10.0.0.0/8 of storage overlaps 10.53.0.0/16, the default service CIDR of plant: what is sent to that network could end up in the cluster.',
        related: ['14:1'],
      },
    ],
  },
  'a pod CIDR around a network': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 192.168.0.0/16\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 192.168.0.0/16 of plant overlaps the network mgmt, 192.168.178.0/24: what is sent to that network could end up in the cluster.',
        related: ['8:13'],
      },
    ],
  },
  'a service CIDR in a network, said by the create node': {
    edits: [
      NEW,
      [POOL, `${POOL}  storage: { subnet: 10.153.0.0/16 }\n`],
      [
        'mode: create',
        'mode: create, config: { install: { cluster_service_cidr: 10.153.4.0/22, cluster_dns: 10.153.4.10 } }',
      ],
    ],
    finds: [
      {
        at: '24:114',
        message:
          'The service CIDR 10.153.4.0/22 of plant overlaps the network storage, 10.153.0.0/16: what is sent to that network could end up in the cluster.',
        related: ['13:22'],
      },
    ],
  },
  'a pod CIDR around the default service CIDR': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 10.52.0.0/15\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 10.52.0.0/15 of plant overlaps its service CIDR 10.53.0.0/16, the default: pods and services would have the same addresses.',
      },
    ],
  },
  'a service CIDR in the pod CIDR': {
    edits: [
      NEW,
      [
        DEVICE,
        `${DEVICE}      cluster_pod_cidr: 10.152.0.0/15\n      cluster_service_cidr: 10.153.0.0/16\n      cluster_dns: 10.153.0.10\n`,
      ],
    ],
    finds: [
      {
        at: '23:29',
        message:
          'The service CIDR 10.153.0.0/16 of plant overlaps its pod CIDR 10.152.0.0/15: pods and services would have the same addresses.',
        related: ['22:25'],
      },
    ],
  },
  'the defaults of each of two clusters': {
    edits: [
      [POOL, `${POOL}  storage: { subnet: 10.53.0.0/24 }\n`],
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}", harvester: { version: v1.6.1 } }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
      [
        '192.168.178.43 }\n',
        '192.168.178.43 }\n  west-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, mode: create, cluster: west }\n',
      ],
    ],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 10.53.0.0/24 of storage overlaps 10.53.0.0/16, the default service CIDR of east, which only v1.5.0 and newer can change: what is sent to that network could end up in the cluster.',
        related: ['15:3'],
      },
      {
        at: '13:22',
        message:
          'The subnet 10.53.0.0/24 of storage overlaps 10.53.0.0/16, the default service CIDR of west: what is sent to that network could end up in the cluster.',
        related: ['16:3'],
      },
    ],
  },
  'networks next to the defaults': {
    edits: [[POOL, `${POOL}  east: { subnet: 10.51.255.0/24 }\n  west: { subnet: 10.54.0.0/24 }\n`]],
  },
  'a network where the defaults were': {
    edits: [
      NEW,
      [POOL, `${POOL}  storage: { subnet: 10.52.0.0/15 }\n`],
      [
        DEVICE,
        `${DEVICE}      cluster_pod_cidr: 10.152.0.0/16\n      cluster_service_cidr: 10.153.0.0/16\n      cluster_dns: 10.153.0.10\n`,
      ],
    ],
  },
});
