import { ruleTest } from '../../test/support/rule-test.ts';
import { evenEtcdMembers } from './even-etcd-members.ts';

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
