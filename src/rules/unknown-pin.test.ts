import { ruleTest } from '../../test/support/rule-test.ts';
import { unknownPin } from './unknown-pin.ts';

ruleTest(unknownPin, {
  'a pin of a misspelt file': {
    edits: [
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.4.1-amd64.is0: "${'0'.repeat(128)}"`],
    ],
    finds: [
      {
        at: '5:5',
        message: 'No node of the site boots from harvester-v1.4.1-amd64.is0, so its pin protects nothing.',
      },
    ],
  },
  'a pin of another release': {
    edits: [
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.4.2-amd64.iso: "${'0'.repeat(128)}"`],
    ],
    finds: [
      {
        at: '5:5',
        message: 'No node of the site boots from harvester-v1.4.2-amd64.iso, so its pin protects nothing.',
      },
    ],
  },
  'a size of a file that nobody needs': {
    edits: [['version: v1.4.1', 'version: v1.4.1\n  size: { harvester-v1.4.1-arm64.iso: 7 }']],
    finds: [
      {
        at: '4:11',
        message: 'No node of the site boots from harvester-v1.4.1-arm64.iso, so its size tells nothing.',
      },
    ],
  },
  'a pin of a cluster that has no nodes': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        `clusters:
  old: { vip: 192.168.178.40, token: "\${secret:old}" }
  new: { vip: 192.168.178.60, token: "\${secret:new}", harvester: { version: v1.6.1 } }
`,
      ],
      ['mode: create }', 'mode: create, cluster: old }'],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, cluster: old }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, cluster: old }'],
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.6.1-amd64.iso: "${'0'.repeat(128)}"`],
    ],
    finds: [
      {
        at: '5:5',
        message: 'No node of the site boots from harvester-v1.6.1-amd64.iso, so its pin protects nothing.',
      },
    ],
  },
  'a size of a file that the nodes boot from': {
    edits: [['version: v1.4.1', 'version: v1.4.1\n  size: { harvester-v1.4.1-amd64.iso: 7 }']],
  },
  'a pin of a file that the nodes boot from': {
    edits: [
      ['version: v1.4.1', `version: v1.4.1\n  sha512:\n    harvester-v1.4.1-amd64.iso: "${'0'.repeat(128)}"`],
    ],
  },
});
