import { ruleTest } from '../../test/support/rule-test.ts';
import { noFailover } from './no-failover.ts';

ruleTest(noFailover, {
  'all others are workers': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, role: worker'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: worker'],
    ],
    finds: [
      {
        at: '13:1',
        message:
          'Only harv-1 of the 3 nodes of plant can hold etcd, all others are workers: without it the cluster stops.',
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
          'Only harv-1 of the 3 nodes of plant can hold etcd, all others are workers: without it the cluster stops.',
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
  'two others that are no workers': {
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
