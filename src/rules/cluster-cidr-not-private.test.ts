import { ruleTest } from '../../test/support/rule-test.ts';
import { clusterCidrNotPrivate } from './cluster-cidr-not-private.ts';

const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';
const NEW = ['v1.4.1', 'v1.5.0'] as const;

ruleTest(clusterCidrNotPrivate, {
  'a pod CIDR in the shared address space': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 100.64.0.0/16\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 100.64.0.0/16 is not private: whoever has these addresses could not be reached from the cluster.',
      },
    ],
  },
  'a service CIDR next to private addresses': {
    edits: [
      NEW,
      [DEVICE, `${DEVICE}      cluster_service_cidr: 172.32.0.0/16\n      cluster_dns: 172.32.0.10\n`],
    ],
    finds: [
      {
        at: '22:29',
        message:
          'The service CIDR 172.32.0.0/16 is not private: whoever has these addresses could not be reached from the cluster.',
      },
    ],
  },
  'a pod CIDR that is private in part': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 172.0.0.0/8\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 172.0.0.0/8 is not private: whoever has these addresses could not be reached from the cluster.',
      },
    ],
  },
  'CIDRs at the edges of private addresses': {
    edits: [
      NEW,
      [
        DEVICE,
        `${DEVICE}      cluster_pod_cidr: 172.31.0.0/16\n      cluster_service_cidr: 10.0.0.0/16\n      cluster_dns: 10.0.0.10\n`,
      ],
    ],
  },
  'the defaults': { edits: [NEW] },
});
