import { ruleTest } from '../../test/support/rule-test.ts';
import { severalWitnesses } from './several-witnesses.ts';

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
