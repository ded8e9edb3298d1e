import { ruleTest } from '../../test/support/rule-test.ts';
import { roleTooNew } from './role-too-new.ts';

const OLD: [string, string] = ['version: v1.4.1', 'version: v1.2.2'];

ruleTest(roleTooNew, {
  'a witness on a release without roles': {
    edits: [OLD, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']],
    finds: [
      {
        at: '25:63',
        message:
          'The role witness came with Harvester v1.3.0: v1.2.2 drops it without a word, and promotes any node.',
        related: ['3:12'],
      },
    ],
  },
  'workers by defaults, said once': {
    edits: [OLD, ['  config:\n', '  role: worker\n  config:\n']],
    finds: [
      {
        at: '17:9',
        message:
          'The role worker came with Harvester v1.3.0: v1.2.2 drops it without a word, and promotes any node.',
        related: ['3:12'],
      },
    ],
  },
  'a witness on a candidate of the first release with roles': {
    edits: [
      ['version: v1.4.1', 'version: v1.3.0-rc1'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness'],
    ],
  },
  'a machine that boots its own disk': {
    edits: [
      OLD,
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43 }\n  other: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker, boot: { os: local } }',
      ],
    ],
  },
  'no roles on a release without': { edits: [OLD] },
});
